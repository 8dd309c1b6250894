// What a revision is: the model's bytes and everything that decides how they are served. Equal ingredients have equal
// names, so a model that comes back is known again.
import { canonicalJson } from '@sluice/crds/canonical-json.ts';
import { longestRequestSeconds, type ServerSettings } from '@sluice/crds/contract.ts';
import type { Server } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { commonLabels, labels, revisionName } from '../names.ts';
import type { Manifest } from '../plan.ts';
import type { ObservedMetadata } from '../pods/observed.ts';
import type { Servable } from './choose.ts';
import type { ModelDeployment, ModelDeploymentSettings, ObservedRevision } from './observed.ts';

const hashLength = 10;

/** Limits of a server pod that are the same for every model. */
const requestLimits = { maxRequestBytes: 8 * 1024 * 1024, maxElements: 1_048_576 } as const;

/** The server gives at most half of its drain to new requests and the rest to those in flight; the contract's bounds. */
const drainSecondsFor = (requestTimeoutSeconds: number) =>
  Math.min(longestRequestSeconds, Math.max(20, 2 * requestTimeoutSeconds));

/**
 * Everything that is needed to build a revision's pods, pinned in its ControllerRevision when the revision is first
 * wanted: a new operator brings a new default image, and restarts no model with it.
 */
export type RevisionData = {
  readonly version: string;
  readonly digest: string;
  readonly uri: string;
  readonly modelName: string;
  /** Size of the bundle's files; absent in what an earlier release pinned. */
  readonly bytes?: number | 'Unknown' | undefined;
  readonly image: string;
  readonly resources: Server['resources'];
  readonly scheduling: Server['scheduling'];
  readonly settings: ServerSettings;
};

export type Revision = { readonly revision: string; readonly data: RevisionData };

function serverSettings({ workers, queueSize, requestTimeoutSeconds }: Server): ServerSettings {
  const drainSeconds = drainSecondsFor(requestTimeoutSeconds);
  return { workers, queueSize, requestTimeoutSeconds, drainSeconds, ...requestLimits };
}

/** A revision under the name of the version that asks for it: a retrained model with the same bytes is the same revision. */
export type WantedRevision = Revision & { readonly version: string };

/**
 * The revision that serves `version` as the spec asks. Neither replicas nor the image are part of its identity; a
 * revision that was pinned before keeps the image it was pinned with.
 */
export function revisionOf(
  { spec }: ModelDeployment,
  version: Servable,
  revisions: readonly ObservedRevision[],
  { serverImage, hash }: ModelDeploymentSettings,
): WantedRevision {
  const { resources, scheduling } = spec.server;
  const settings = serverSettings(spec.server);
  const { name, digest, uri, bytes = 'Unknown' } = version;
  const modelName = spec.model.name;
  const revision = hash(canonicalJson({ digest, modelName, resources, scheduling, settings })).slice(0, hashLength);
  const data: RevisionData = {
    version: name,
    digest,
    uri,
    bytes,
    modelName,
    image: serverImage,
    resources,
    scheduling,
    settings,
  };
  return { ...(pinnedRevision(revisions, revision) ?? { revision, data }), version: name };
}

/** The revision of that name as it was pinned. */
export function pinnedRevision(revisions: readonly ObservedRevision[], revision: string): Revision | undefined {
  const found = revisions.find(({ metadata }) => metadata.labels?.[labels.revision] === revision);
  return found && { revision, data: found.data };
}

/** Labels of everything that belongs to a revision. */
export const revisionLabels = (deployment: string, revision: string) => ({
  ...commonLabels('server'),
  [labels.modelDeployment]: deployment,
  [labels.revision]: revision,
});

/** The revision that a child of ours belongs to; empty when it says none. */
export const revisionLabel = ({ metadata }: { readonly metadata: ObservedMetadata }) =>
  metadata.labels?.[labels.revision] ?? '';

/** The ControllerRevision that pins a revision; `number` orders them by age. */
export function revisionManifest(
  { metadata }: ModelDeployment,
  { revision, data }: Revision,
  number: number,
): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(metadata.name, revision),
      namespace: metadata.namespace,
      labels: revisionLabels(metadata.name, revision),
    },
    revision: number,
    data,
  };
}
