// Decides whether anything of the live revision can answer. Counted are pods: those that are ready by the word of its
// Deployment, and those that gateways find. Errors are not: a pod that is ready and fails is for the gates to judge, clients
// may be to blame, and without requests nothing would show that it has recovered.
import type { RevisionRecord } from '@sluice/crds/v1alpha1/rollout-status.ts';
import type { Traffic } from '../../traffic/port.ts';
import type { ModelDeploymentObserved } from '../observed.ts';
import { readyReplicas } from '../workload/health.ts';
import { workloadOf } from '../workload/workload.ts';

/**
 * - `Down`: no pod is ready, or every ready gateway pod says that it finds none.
 * - `Up`: a pod is ready, and every gateway pod says that it finds one.
 * - `Unsure`: anything else. A gateway pod that is silent says neither.
 */
export type LiveState = 'Down' | 'Up' | 'Unsure';

type Seen = {
  readonly observed: Pick<ModelDeploymentObserved, 'workloads'>;
  readonly traffic: Pick<Traffic, 'reachOf'>;
};

export function liveState({ revision }: Pick<RevisionRecord, 'revision'>, { observed, traffic }: Seen): LiveState {
  const reach = traffic.reachOf(revision);
  if (readyReplicas(workloadOf(observed.workloads, revision)) === 0 || reach === 'Nowhere') return 'Down';
  return reach === 'Everywhere' ? 'Up' : 'Unsure';
}
