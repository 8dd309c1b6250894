// Decides who is stable and who is on its way, given who is wanted and who has arrived.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { RevisionRecord } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { hasArrived, hasWeight, type Share } from '../../traffic/shares.ts';
import type { WantedRevision } from '../revision/revision.ts';

export type Place = {
  /** The revision that is proven to have all requests. */
  readonly stable: RevisionRecord | undefined;
  /** The revision that shall replace it. */
  readonly candidate: RevisionRecord | undefined;
};

const recordOf = ({ revision, version, data }: WantedRevision): RevisionRecord => ({
  revision,
  version,
  digest: data.digest,
});

/** Whether the candidate is compared with the live revision: to have all requests is then no proof yet. */
const isOnTrial = ({ rollout, candidate, stable }: ModelDeploymentStatus) =>
  stable !== undefined && rollout?.revision === candidate?.revision && rollout?.baseline === stable.revision;

/**
 * A candidate that arrived is stable. One that has weight stays the candidate until it arrives, whatever is wanted by
 * then; one that has none gives way to what is wanted at once, and so does one that is on trial. A version with the bytes
 * of the stable one is live as it is.
 * @param shares as the gateways are known to give them.
 */
export function nextPlace(
  status: ModelDeploymentStatus | undefined,
  wanted: WantedRevision | undefined,
  shares: readonly Share[],
): Place {
  const isTried = status !== undefined && isOnTrial(status);
  const hasCome = !isTried && status?.candidate && hasArrived(shares, status.candidate.revision);
  const arrived = hasCome ? status.candidate : undefined;
  const stable = arrived ?? status?.stable;
  const candidate = arrived ? undefined : status?.candidate;
  if (candidate && !isTried && hasWeight(shares, candidate.revision)) return { stable, candidate };
  if (!wanted) return { stable, candidate: undefined };
  if (wanted.revision === stable?.revision) return { stable: recordOf(wanted), candidate: undefined };
  return { stable, candidate: recordOf(wanted) };
}
