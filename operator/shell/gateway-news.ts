// Decides whom a gateway's reading concerns. Counters change with every request and concern only those who are judged by
// them; everything else that a gateway says may concern its whole namespace.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { GatewayState } from '../core/gateway/observed.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Change } from './measure/pod-poller.ts';

type Deployment = KubeObject & { readonly status?: ModelDeploymentStatus };

export type Concerned<Of extends Deployment> = {
  /** Whether the gateway itself is to be planned anew. */
  readonly gateway: boolean;
  readonly deployments: readonly Of[];
};

/** @param deployments every ModelDeployment of the gateway's namespace. */
export function concernedBy<Of extends Deployment>(
  change: Change<GatewayState>,
  deployments: readonly Of[],
): Concerned<Of> {
  if (!isCountersOnly(change)) return { gateway: true, deployments };
  return { gateway: false, deployments: deployments.filter(isJudged) };
}

const isCountersOnly = ({ before, report }: Change<GatewayState>): boolean =>
  before !== undefined && JSON.stringify(withoutCounters(before)) === JSON.stringify(withoutCounters(report));

const withoutCounters = ({ counters: _, ...state }: GatewayState) => state;

/** A candidate that gets requests is judged by what is counted of them; nothing else in a plan is. */
const isJudged = ({ status }: Deployment) => (status?.rollout?.weightPercent ?? 0) > 0;
