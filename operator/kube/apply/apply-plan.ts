// Decides, for each wanted child of an owner, whether to create, update or leave it, and which live ones are superfluous.
import { createHash } from 'node:crypto';
import {
  apiVersionOf,
  controllerOf,
  type KubeObject,
  keyOf,
  ownerReferenceTo,
  type Resource,
  type Stored,
} from '../objects.ts';
import { sortedJson } from './json.ts';
import { isSubset } from './subset.ts';

/** One child that the owner should have. */
export interface Desired {
  readonly resource: Resource;
  readonly object: KubeObject;
  /** Created when absent and never changed: kinds whose spec cannot change (Job, ControllerRevision). */
  readonly immutable?: boolean | undefined;
  /** Not owned: it outlives the owner, is not pruned, and carries no owner reference. Its name is free to be anybody's. */
  readonly keep?: boolean | undefined;
  /**
   * Belongs to nobody, and others write it too: over the version that its metadata name, created when they name none. Tells
   * whether an object of its name is one that is shared.
   */
  readonly isShared?: ((found: Stored) => boolean) | undefined;
}

/** One object found in a cache. */
export interface Live {
  readonly resource: Resource;
  readonly object: Stored;
}

/** What to do; `missing` are not in the caches, which may be behind. */
export interface ApplyPlan {
  readonly missing: readonly Desired[];
  readonly changed: readonly { readonly desired: Desired; readonly live: Stored }[];
  readonly superfluous: readonly Live[];
  readonly unchanged: number;
}

/** Digest of the manifest that was applied last: by it a field that is no longer wanted is noticed. */
export const DIGEST_ANNOTATION = 'kube-runtime/applied-digest';

/** The digest that a manifest carries. */
export const appliedDigest = ({ metadata }: KubeObject): string | undefined =>
  metadata.annotations?.[DIGEST_ANNOTATION];

/** Plans the whole owned set. `live` are the owner's children and, for kept ones, objects of those names. */
export function planApply(owner: Stored, desired: readonly Desired[], live: readonly Live[]): ApplyPlan {
  const known = new Map(live.map((each) => [identify(each.resource, each.object), each]));
  const missing: Desired[] = [];
  const changed: { desired: Desired; live: Stored }[] = [];
  let unchanged = 0;
  for (const each of desired) {
    const found = known.get(identify(each.resource, each.object));
    known.delete(identify(each.resource, each.object));
    if (found === undefined) missing.push(each);
    else if (isSettled(owner, each, found.object)) unchanged += 1;
    else changed.push({ desired: each, live: found.object });
  }
  const superfluous = [...known.values()].filter((each) => isPrunable(owner, each.object));
  return { missing, changed, superfluous, unchanged };
}

/** The manifest to apply: the wanted one with its owner and its digest. */
export function manifestFor(owner: Stored, desired: Desired): KubeObject {
  const { metadata } = desired.object;
  const owned = desired.keep ? {} : { ownerReferences: [...(metadata.ownerReferences ?? []), ownerReferenceTo(owner)] };
  const annotations = { ...metadata.annotations, [DIGEST_ANNOTATION]: digestOf(desired.object) };
  const apiVersion = apiVersionOf(desired.resource);
  return {
    ...desired.object,
    apiVersion,
    kind: desired.resource.kind,
    metadata: { ...metadata, ...owned, annotations },
  };
}

/**
 * True when nothing is to be written: the live object is being deleted, cannot change, or has every field of the
 * manifest. The digest is one of these fields, so a manifest that wants less than the last one is noticed too.
 */
export function isSettled(owner: Stored, desired: Desired, live: Stored): boolean {
  if (live.metadata.deletionTimestamp !== undefined || desired.immutable) return true;
  return isSubset(manifestFor(owner, desired), live);
}

/** True when `object` is a child of `owner`, or is free to be one because it was asked to be kept. */
export function belongsTo(owner: Stored, desired: Desired, object: Stored): boolean {
  return desired.keep === true || controllerOf(object)?.uid === owner.metadata.uid;
}

/** Whether a kept object that is there is another one than what was to be created under its name. */
export function isAnother(owner: Stored, desired: Desired, found: Stored): boolean {
  return desired.keep === true && desired.immutable === true && !isSubset(manifestFor(owner, desired), found);
}

function isPrunable(owner: Stored, object: Stored): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid && object.metadata.deletionTimestamp === undefined;
}

function identify(resource: Resource, object: KubeObject): string {
  return `${resource.group}/${resource.plural}/${keyOf(object)}`;
}

/** Digest of a manifest: equal ones have equal digests. */
export function digestOf(object: KubeObject): string {
  return createHash('sha256')
    .update(sortedJson(object) ?? '')
    .digest('hex')
    .slice(0, 32);
}
