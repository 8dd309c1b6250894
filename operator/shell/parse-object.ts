// The one place where an object's JSON becomes a typed resource: stored before a schema changed, it may not fit.
import type { z } from 'zod';
import type { Resource as Planned } from '../core/plan.ts';
import type { Stored } from '../kube/objects.ts';

export type ParsedObject<Spec, Status> =
  | { readonly ok: true; readonly object: Planned<Spec, Status> }
  | { readonly ok: false; readonly message: string };

/** Specs that are remembered of a kind; an object is looked at several times while its spec stays. */
const mostRemembered = 1_000;

/**
 * Reads objects of one kind. A spec changes only with the object's generation, so it is parsed once for each.
 * @returns a function from an object to it with every default of its spec filled in, or to the field that does not fit.
 */
export function objectParser<Spec, Status>(schema: z.ZodType<Spec>): (live: Stored) => ParsedObject<Spec, Status> {
  const specs = new Map<string, { readonly generation: number; readonly spec: Spec }>();
  return (live) => {
    const { uid, generation } = live.metadata;
    const known = specs.get(uid);
    if (known?.generation === generation) return { ok: true, object: objectOf(live, known.spec) };
    const parsed = parseObject<Spec, Status>(live, schema);
    if (!parsed.ok) return parsed;
    specs.delete(uid);
    specs.set(uid, { generation, spec: parsed.object.spec });
    const [oldest] = specs.keys();
    if (specs.size > mostRemembered && oldest !== undefined) specs.delete(oldest);
    return parsed;
  };
}

/** @returns the object with every default of its spec filled in, or the field that does not fit. */
function parseObject<Spec, Status>(live: Stored, schema: z.ZodType<Spec>): ParsedObject<Spec, Status> {
  const { spec } = live as Stored & { spec?: unknown };
  const parsed = schema.safeParse(spec);
  if (parsed.success) return { ok: true, object: objectOf(live, parsed.data) };
  const issue = parsed.error.issues[0];
  const field = ['spec', ...(issue?.path ?? [])].join('.');
  return { ok: false, message: `${field}: ${issue?.message ?? 'does not fit the schema'}; correct the field` };
}

function objectOf<Spec, Status>(live: Stored, spec: Spec): Planned<Spec, Status> {
  const { status } = live as Stored & { status?: Status };
  return { metadata: { ...live.metadata, namespace: live.metadata.namespace ?? '' }, spec, status };
}
