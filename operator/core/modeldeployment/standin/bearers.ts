// Says who answers while the live revision gets no requests: a candidate with all of them, proven or not, and revisions that
// have to give them back and cannot, because nobody is there to take them.

import type { Traffic } from '../../traffic/port.ts';
import type { Share } from '../../traffic/shares.ts';
import type { ModelDeploymentObserved } from '../observed.ts';
import { readyReplicas } from '../workload/health.ts';
import { workloadOf } from '../workload/workload.ts';

export type Bearing = {
  readonly observed: Pick<ModelDeploymentObserved, 'workloads'>;
  readonly shares: readonly Share[];
  readonly stable: string | undefined;
  readonly traffic: Pick<Traffic, 'isOpen'>;
};

/**
 * The revisions that have all requests in place of the live one, the one with most of them first; none while the live one
 * still has some, by what is known of the gateways, or while a bearer has no ready pod.
 */
export function bearersOf({ observed, shares, stable, traffic }: Bearing): readonly Share[] {
  const bearers = shares.filter(({ wantedPercent }) => wantedPercent > 0);
  const isBorne = ({ revision, wantedPercent, verifiedPercent = -1 }: Share) =>
    revision !== stable &&
    verifiedPercent >= wantedPercent &&
    readyReplicas(workloadOf(observed.workloads, revision)) > 0;
  if (!traffic.isOpen || !bearers.every(isBorne)) return [];
  return bearers.toSorted((a, b) => b.wantedPercent - a.wantedPercent);
}
