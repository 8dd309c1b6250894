// Takes out of stored objects what two equal runs need not have in common: versions, times, uids, random names, figures.
import type { KubeObject, Stored } from '@sluice/operator/kube/objects.ts';

/** An object by what it is, not by when and as which one it was made. */
export interface NormalObject {
  /** `<Kind>/<name>`. */
  readonly id: string;
  readonly content: unknown;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Record_ = { readonly [key: string]: Json };

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Times, figures that follow from times, and words about them. */
const volatileKeys =
  /(At|Time|Since)$|^(at|message|evidence|progress|activeSeconds|seconds|estimate|baseline|lower|upper|n|nNeeded|pod)$/;
const volatileMetadata = new Set(['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields']);
/** A digest of the manifest with its namespace in it, which differs from run to run. */
const volatileAnnotations = new Set(['kube-runtime/applied-digest']);
const ourGroup = 'sluice.dev/';
/** What says of a foreign status that the object is where it should be. */
const foreignStatus = new Set([
  ...['conditions', 'phase', 'succeeded', 'failed', 'active', 'replicas', 'readyReplicas', 'updatedReplicas'],
]);

/** Normalises all objects of a namespace, in an order that does not depend on the run. */
export function normalise(objects: readonly Stored[], namespace: string): NormalObject[] {
  const names = new Map(objects.map((object) => [object.metadata.uid, idOf(object)]));
  const replace = (text: string) =>
    text.replaceAll(namespace, '<namespace>').replaceAll(uuid, (found) => `<${names.get(found) ?? 'gone'}>`);
  return objects
    .map((object) => ({ id: idOf(object), content: JSON.parse(replace(JSON.stringify(contentOf(object)))) as unknown }))
    .sort((a, b) => compare(`${a.id} ${JSON.stringify(a.content)}`, `${b.id} ${JSON.stringify(b.content)}`));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Pods get the name of their owner: the rest of theirs is random. */
function idOf({ kind, metadata }: Stored): string {
  const owner = kind === 'Pod' ? metadata.ownerReferences?.find(({ controller }) => controller)?.name : undefined;
  return `${kind}/${owner === undefined ? metadata.name : `${owner}-*`}`;
}

function contentOf(object: Stored): Json {
  const { metadata, status, ...rest } = object as unknown as KubeObject & Record_;
  return {
    ...rest,
    metadata: metadataOf(metadata as unknown as Record_),
    ...(rest['kind'] === 'ConfigMap' ? { data: tableOf(rest['data']) } : {}),
    ...(rest['kind'] === 'Pod' ? { spec: null } : {}),
    ...(rest['kind'] === 'Service' ? { spec: withoutAddress(rest['spec']) } : {}),
    status: statusOf(String(rest['apiVersion']), status),
  };
}

function metadataOf({ annotations, generateName: _, ...metadata }: Record_): Json {
  const kept = Object.entries(metadata).filter(([key]) => !volatileMetadata.has(key) && key !== 'name');
  const notes = Object.entries((annotations ?? {}) as Record_).filter(([key]) => !volatileAnnotations.has(key));
  return { ...Object.fromEntries(kept), annotations: Object.fromEntries(notes) };
}

function withoutAddress(spec: Json | undefined): Json {
  const { clusterIP: address, clusterIPs: _, ...kept } = (spec ?? {}) as Record_;
  return { ...kept, isHeadless: address === 'None' };
}

/** Versions of a routing table count changes, and how many there were depends on what was seen together. */
function tableOf(data: Json | undefined): Json {
  const entries = Object.entries((data ?? {}) as Record_);
  return Object.fromEntries(
    entries.map(([key, text]) => [
      key,
      key === 'routes.json'
        ? (JSON.parse(String(text), (name, value: Json) =>
            ['version', 'changedIn', 'changedAt'].includes(name) ? undefined : value,
          ) as Json)
        : text,
    ]),
  );
}

function statusOf(apiVersion: string, status: Json | undefined): Json {
  if (status === undefined || status === null || typeof status !== 'object') return null;
  if (apiVersion.startsWith(ourGroup)) return withoutVolatile(status);
  const kept = Object.entries(status as Record_).filter(([key]) => foreignStatus.has(key));
  return withoutVolatile(Object.fromEntries(kept));
}

function withoutVolatile(value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => withoutVolatile(each)).sort(byText);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !volatileKeys.test(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutVolatile(inner as Json)]));
}

/** Conditions and the like are sets. */
const byText = (a: Json, b: Json) => compare(JSON.stringify(a), JSON.stringify(b));
