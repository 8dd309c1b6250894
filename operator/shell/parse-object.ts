// The one place where an object's JSON becomes a typed resource: stored before a schema changed, it may not fit.
import type { z } from 'zod';
import type { Resource as Planned } from '../core/plan.ts';
import type { Stored } from '../kube/objects.ts';

export type ParsedObject<Spec, Status> =
  | { readonly ok: true; readonly object: Planned<Spec, Status> }
  | { readonly ok: false; readonly message: string };

/** @returns the object with every default of its spec filled in, or the field that does not fit. */
export function parseObject<Spec, Status>(live: Stored, schema: z.ZodType<Spec>): ParsedObject<Spec, Status> {
  const raw = live as Stored & { spec?: unknown; status?: Status };
  const parsed = schema.safeParse(raw.spec);
  if (parsed.success) {
    const metadata = { ...live.metadata, namespace: live.metadata.namespace ?? '' };
    return { ok: true, object: { metadata, spec: parsed.data, status: raw.status } };
  }
  const issue = parsed.error.issues[0];
  const field = ['spec', ...(issue?.path ?? [])].join('.');
  return { ok: false, message: `${field}: ${issue?.message ?? 'does not fit the schema'}; correct the field` };
}
