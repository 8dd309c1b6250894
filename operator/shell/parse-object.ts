// The one place where an object's JSON becomes a typed resource: stored before a schema changed, it may not fit.
import type { z } from 'zod';
import type { Resource as Planned } from '../core/plan.ts';
import { isRecord, type Stored } from '../kube/objects.ts';

export type ParsedObject<Spec, Status> =
  | { readonly ok: true; readonly object: Planned<Spec, Status> }
  | { readonly ok: false; readonly message: string };

/** Specs that are remembered of a kind; an object is looked at several times while its spec stays. */
const mostRemembered = 1_000;

/**
 * Reads objects of one kind. A spec changes only with the object's generation, so it is parsed once for each.
 * @returns a function from an object to it with every default of its spec filled in, or to the field that does not fit.
 */
export function objectParser<Spec, Status extends object>(schemas: {
  readonly spec: z.ZodType<Spec>;
  readonly status: z.ZodType<Status>;
}): (live: Stored) => ParsedObject<Spec, Status> {
  const specs = new Map<string, { readonly generation: number; readonly spec: Spec }>();
  return (live) => {
    const { uid, generation } = live.metadata;
    const known = specs.get(uid);
    const status = fittingStatus(live, schemas.status);
    if (known?.generation === generation) return { ok: true, object: objectOf(live, known.spec, status) };
    const parsed = parseObject(live, schemas.spec, status);
    if (!parsed.ok) return parsed;
    specs.delete(uid);
    specs.set(uid, { generation, spec: parsed.object.spec });
    const [oldest] = specs.keys();
    if (specs.size > mostRemembered && oldest !== undefined) specs.delete(oldest);
    return parsed;
  };
}

function parseObject<Spec, Status>(
  live: Stored,
  schema: z.ZodType<Spec>,
  status: Status | undefined,
): ParsedObject<Spec, Status> {
  const { spec } = live as Stored & { spec?: unknown };
  const parsed = schema.safeParse(spec);
  if (parsed.success) return { ok: true, object: objectOf(live, parsed.data, status) };
  const issue = parsed.error.issues[0];
  const field = ['spec', ...(issue?.path ?? [])].join('.');
  return { ok: false, message: `${field}: ${issue?.message ?? 'does not fit the schema'}; correct the field` };
}

/**
 * What is read back of a status: its fields that fit the schema. One that does not was not written by this release, or not
 * by us: it counts as if it had never been there, and the next status takes its place.
 */
export function fittingStatus<Status extends object>(live: Stored, schema: z.ZodType<Status>): Status | undefined {
  if (!statuses.has(live)) statuses.set(live, readStatus(live, schema));
  return statuses.get(live) as Status | undefined;
}

/** By the object as the cache holds it: that is never changed, a newer one takes its place. */
const statuses = new WeakMap<Stored, object | undefined>();

function readStatus<Status extends object>(live: Stored, schema: z.ZodType<Status>): Status | undefined {
  const { status } = live as Stored & { status?: unknown };
  if (!isRecord(status)) return undefined;
  const problems = schema.safeParse(status).error?.issues;
  if (problems === undefined) return status as Status;
  const unfit = new Set(problems.map(({ path }) => path[0]));
  const rest = Object.fromEntries(Object.entries(status).filter(([field]) => !unfit.has(field)));
  return schema.safeParse(rest).success ? (rest as Status) : undefined;
}

function objectOf<Spec, Status>(live: Stored, spec: Spec, status: Status | undefined): Planned<Spec, Status> {
  return { metadata: { ...live.metadata, namespace: live.metadata.namespace ?? '' }, spec, status };
}
