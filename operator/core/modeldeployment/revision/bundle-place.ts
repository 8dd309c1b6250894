// Decides where a revision's pods read its bundle. The bytes are the revision's identity, the place is not: it is kept while
// it is there, so that no pod is replaced without need, and given up for another one when it goes.
import { env } from '@sluice/crds/contract.ts';
import type { RevisionRecord } from '@sluice/crds/v1alpha1/rollout-status.ts';
import type { ObservedClaim } from '../../pods/observed.ts';
import { isReady } from '../choice/choose.ts';
import type { ModelDeploymentObserved, ObservedWorkload, ServableVersion } from '../observed.ts';
import { obstacleOf } from '../workload/startup.ts';
import type { Revision } from './revision.ts';

/** Where pods of the Deployment read the bundle now. */
const placeIn = (workload: ObservedWorkload | undefined): string | undefined =>
  workload?.spec?.template?.spec?.initContainers
    ?.flatMap((container) => container.env ?? [])
    .find(({ name }) => name === env.bundleUri)?.value;

const claimNameOf = (uri: string) => uri.split('/')[2] ?? '';

/** A claim that is being deleted waits for the pods that mount it. */
function isThere(uri: string, claims: readonly ObservedClaim[]): boolean {
  const claim = claims.find(({ metadata }) => metadata.name === claimNameOf(uri));
  return claim !== undefined && claim.metadata.deletionTimestamp === undefined && claim.status?.phase !== 'Lost';
}

/** Uris of the bundle, as versions tell them whose files were found good: of the named version first, then of the newest. */
function placesOf(versions: readonly ServableVersion[], digest: string, name: string | undefined): string[] {
  const rank = ({ metadata, spec }: ServableVersion) =>
    metadata.name === name ? Number.POSITIVE_INFINITY : spec.number;
  return versions
    .filter((each) => each.spec.bundle.digest === digest && isReady(each))
    .toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1))
    .map(({ spec }) => spec.bundle.uri);
}

export type Located = {
  /** By which the revision is live or on its way; of another one only the newest version counts. */
  readonly record: RevisionRecord | undefined;
  /** Its Deployment, once there is one. */
  readonly workload: ObservedWorkload | undefined;
};

const isOfFiles = (reason: string | undefined) => reason === 'BundleMissing' || reason === 'BundleCorrupt';

/**
 * The revision as its pods are to be made. They read where they did while that is there, or the version says nothing else
 * of files that they did not find; new ones read where the version says that it lies.
 */
export function located(
  { versions, claims, pods }: ModelDeploymentObserved,
  { revision, data }: Revision,
  { record, workload }: Located,
): Revision {
  const now = placeIn(workload);
  const [told, ...others] = placesOf(versions, data.digest, record?.version);
  const isMissed = told !== undefined && isOfFiles(obstacleOf(revision, { workload, pods, now: 0 })?.reason);
  const known = [...(isMissed ? [told] : []), now ?? told ?? data.uri, told ?? data.uri, data.uri, ...others];
  const uri = known.find((place) => isThere(place, claims)) ?? now ?? data.uri;
  return uri === data.uri ? { revision, data } : { revision, data: { ...data, uri } };
}
