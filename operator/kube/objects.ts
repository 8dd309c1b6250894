// What a Kubernetes object is in this program: raw JSON, exactly as the apiserver sends it. No dates, no classes.
import { ShapeError } from './errors.ts';

/** The owner of an object; the garbage collector deletes the object when its last owner is gone. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** The part of `ObjectMeta` that a controller reads or writes; times are RFC 3339 strings. */
export interface ObjectMeta {
  name: string;
  namespace?: string | undefined;
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  generation?: number | undefined;
  creationTimestamp?: string | undefined;
  deletionTimestamp?: string | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  ownerReferences?: OwnerReference[] | undefined;
  finalizers?: string[] | undefined;
  /** In caches only those of `scalersOf`. */
  managedFields?: unknown;
}

/** Any object, stored or still to be written. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** Metadata of an object that the apiserver has stored. `generation` is 0 for kinds that have none. */
export interface StoredMeta extends ObjectMeta {
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
}

/** An object as the apiserver returned it. */
export type Stored<T extends KubeObject = KubeObject> = T & { metadata: StoredMeta };

/** How a kind is addressed; `group` is empty for the core group. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Name of one object; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `T` as JSON: every `Date` is the string on the wire. */
export type RawJson<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? RawJson<Item>[]
    : T extends object
      ? { [Key in keyof T]: RawJson<T[Key]> }
      : T;

/** A class of `@kubernetes/client-node` as the raw JSON object that it describes: `Typed<V1Job>`. */
export type Typed<T> = Omit<RawJson<T>, keyof KubeObject> & KubeObject;

/** `group/version`, or only `version` in the core group. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The key of an object within its kind: `namespace/name`, or `name` for cluster-scoped kinds. */
export function keyOf(object: { metadata: ObjectName }): string {
  return nameKey(object.metadata);
}

/** `keyOf` for a name without its object. */
export function nameKey(name: ObjectName): string {
  return name.namespace ? `${name.namespace}/${name.name}` : name.name;
}

/** The inverse of `keyOf`. */
export function splitKey(key: string): ObjectName {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The one owner that controls the object, if any. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The reference by which `owner` controls a child and is not deleted before it in a foreground deletion. */
export function ownerReferenceTo(owner: Stored): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** `Time` on the wire: whole seconds, as `2026-11-21T10:00:00Z`. */
export function time(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/**
 * `MicroTime` on the wire: exactly six digits, as `2026-11-21T10:00:00.073000Z`.
 * The apiserver refuses the three digits of `Date.toISOString` in Leases and Events.
 */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

/**
 * The one place where bytes of the apiserver become a typed object. List items come without `apiVersion` and `kind`,
 * metadata-only objects come as `PartialObjectMetadata`: both get those of `resource`.
 * @throws ShapeError when what came is not a stored object.
 */
export function decodeStored<T extends KubeObject>(resource: Resource, raw: unknown): Stored<T> {
  const metadata = isRecord(raw) ? raw['metadata'] : undefined;
  if (!isRecord(raw) || !isRecord(metadata)) throw new ShapeError(`${resource.kind}: an object without metadata`);
  for (const field of ['name', 'uid', 'resourceVersion']) {
    if (typeof metadata[field] !== 'string') throw new ShapeError(`${resource.kind}: metadata.${field} is missing`);
  }
  metadata['generation'] ??= 0;
  raw['apiVersion'] = apiVersionOf(resource);
  raw['kind'] = resource.kind;
  return raw as unknown as Stored<T>;
}

/** True for a JSON object (not null, not a list). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
