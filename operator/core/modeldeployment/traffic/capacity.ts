// Decides how much of the requests the live revision can take, by the pods that have borne them: a pod that was only asked
// for has borne nothing, so scaling up takes nothing away from what the live pods can bear.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { ModelDeploymentObserved, ObservedWorkload } from '../observed.ts';
import { readyReplicas } from '../workload/health.ts';
import { wantedReplicas } from '../workload/scaling.ts';
import { workloadOf } from '../workload/workload.ts';

/** A pod may take up to twice its even share for a while: half of the pods bear all requests. */
const headroom = 2;
const half = 50;

/** The revision with at least half of the requests; of two, the live one. */
function mainBearer({ traffic = [], stable }: ModelDeploymentStatus): string | undefined {
  const bearers = traffic.filter(({ wantedPercent }) => wantedPercent >= half).map(({ revision }) => revision);
  return bearers.find((revision) => revision === stable?.revision) ?? bearers[0];
}

const readyOf = (workloads: readonly ObservedWorkload[], revision: string | undefined) =>
  revision === undefined ? 0 : readyReplicas(workloadOf(workloads, revision));

/** Pods that the live revision is asked for. */
const liveReplicas = (observed: ModelDeploymentObserved): number =>
  Math.max(1, Math.min(100, wantedReplicas(observed, observed.modelDeployment.status?.stable?.revision ?? '')));

/**
 * As many pods as bear all requests: the most of one revision that were ready at once while it had at least half of them;
 * before any were counted, as many as the spec asks for, because no revision gets requests with fewer. Pods that are lost
 * count on; those that a scale-up asks for count from when they are there; a scale-down forgets.
 * @returns undefined before any pod has borne requests.
 */
export function provenReplicas(observed: ModelDeploymentObserved): number | undefined {
  const { modelDeployment, workloads } = observed;
  const { status } = modelDeployment;
  const replicas = liveReplicas(observed);
  const bearer = status && mainBearer(status);
  if (bearer === undefined) return status?.provenReplicas && Math.min(replicas, status.provenReplicas);
  return Math.min(replicas, Math.max(status?.provenReplicas ?? replicas, readyOf(workloads, bearer)));
}

/** The pods that a whole live revision has: those that bore the requests, or before that, those that the spec asks for. */
export const wholeReplicas = (observed: ModelDeploymentObserved): number =>
  provenReplicas(observed) ?? liveReplicas(observed);

/** Largest share, in percent, that a revision with so many ready pods is given; 0 without any. */
export const capacityPercent = (ready: number, whole: number): number =>
  Math.min(100, Math.floor((headroom * 100 * ready) / Math.max(1, whole)));

/** Share that the live revision can take; while no other pod is ready, nothing answers better than what there is of it. */
export function liveCapacity(observed: ModelDeploymentObserved, stable: string | undefined): number {
  const { workloads } = observed;
  const ready = readyOf(workloads, stable);
  const others = workloads.reduce((sum, workload) => sum + readyReplicas(workload), 0) - ready;
  return others === 0 ? 100 : capacityPercent(ready, wholeReplicas(observed));
}
