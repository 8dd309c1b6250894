// Says who answers while the live revision gets no requests: a candidate with all of them, proven or not, and revisions that
// have to give them back and cannot, because nobody is there to take them.

import type { ModelDeploymentObserved } from '../observed.ts';
import { type GatewayView, hasGateway } from '../traffic/gateway-view.ts';
import type { Share } from '../traffic/traffic.ts';
import { readyReplicas } from '../workload/health.ts';
import { workloadOf } from '../workload/workload.ts';

export type Bearing = {
  readonly observed: Pick<ModelDeploymentObserved, 'workloads'>;
  readonly shares: readonly Share[];
  readonly stable: string | undefined;
  readonly view: GatewayView;
};

/**
 * The revisions that have all requests in place of the live one, the one with most of them first; none while the live one
 * still has some, by what is known of the gateways, or while a bearer has no ready pod.
 */
export function bearersOf({ observed, shares, stable, view }: Bearing): readonly Share[] {
  const bearers = shares.filter(({ wantedPercent }) => wantedPercent > 0);
  const isBorne = ({ revision, wantedPercent, verifiedPercent = -1 }: Share) =>
    revision !== stable &&
    verifiedPercent >= wantedPercent &&
    readyReplicas(workloadOf(observed.workloads, revision)) > 0;
  if (!hasGateway(view) || !bearers.every(isBorne)) return [];
  return bearers.toSorted((a, b) => b.wantedPercent - a.wantedPercent);
}
