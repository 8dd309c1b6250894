// Puts together what the conditions are made from.
import type { ModelDeploymentSpec } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { hasRoom, hasWeight } from '../traffic/shares.ts';
import { newestRejection, rejectionOf } from './choice/rejections.ts';
import type { Situation } from './conditions.ts';
import { isPinned } from './revision/pin.ts';
import { bearersOf } from './standin/bearers.ts';
import type { StandingIn } from './standin/said.ts';
import { leaving, type Moved } from './step.ts';
import { readyReplicas } from './workload/health.ts';
import { scaledElsewhere, wantedReplicas } from './workload/scaling.ts';
import { obstacleOf } from './workload/startup.ts';
import { isWarm, workloadOf } from './workload/workload.ts';

/** Server pods of the stable revision that are ready. */
export const readyReplicasOf = ({ observed, place }: Moved): number =>
  place.stable ? readyReplicas(workloadOf(observed.workloads, place.stable.revision)) : 0;

function stableSituation(moved: Moved): Situation['stable'] {
  const { observed, place, move } = moved;
  if (!place.stable) return undefined;
  const workload = workloadOf(observed.workloads, place.stable.revision);
  const isServing = readyReplicasOf(moved) > 0 && move.traffic.isOpen;
  const bearer = bearerOf(moved);
  const answers = bearer && !bearer.isRefused && (!isServing || bearer.revision === place.candidate?.revision);
  return {
    version: place.stable.version,
    isServing,
    standsIn: answers ? bearer.version : undefined,
    isComplete: isWarm(workload, wantedReplicas(observed, place.stable.revision)),
    obstacle: obstacleOf(place.stable.revision, { workload, pods: observed.pods, now: move.traffic.now }),
  };
}

function candidateSituation({ observed, place, shares, move }: Moved): Situation['candidate'] {
  if (!place.candidate) return undefined;
  const { revision, version } = place.candidate;
  const own = shares.find((share) => share.revision === revision);
  const workload = workloadOf(observed.workloads, revision);
  return {
    version,
    hasWeight: hasWeight(shares, revision),
    waitsForRoom: (move.candidate?.isWarm ?? false) && !hasRoom(shares, revision),
    obstacle:
      obstacleOf(revision, { workload, pods: observed.pods, now: move.traffic.now }) ??
      (own && move.traffic.reachObstacle(own)),
  };
}

const isRefusedNow = ({ observed, trial }: Moved, revision: string): boolean =>
  trial?.rejection?.revision === revision || rejectionOf(observed.modelDeployment, revision) !== undefined;

/** Who has the requests that the live revision does not get; not one that was refused, if anybody else has some. */
function bearerOf(moved: Moved) {
  const { observed, place, shares, move } = moved;
  const bearers = bearersOf({ observed, shares, stable: place.stable?.revision, traffic: move.traffic });
  const fit = bearers.find(({ revision }) => !isRefusedNow(moved, revision));
  const [bearer] = fit ? [fit] : bearers;
  return bearer && { ...bearer, isRefused: fit === undefined };
}

/** A version that answers only because nothing of the live one can; none in the bake, which gives all to the candidate. */
function standingIn(moved: Moved): StandingIn | undefined {
  const { place, trial } = moved;
  const bearer = bearerOf(moved);
  const stable = stableSituation(moved);
  if (!bearer || !stable) return undefined;
  const isCandidate = bearer.revision === place.candidate?.revision;
  if (isCandidate ? trial?.status.standIn?.since === undefined : stable.isServing) return undefined;
  const { version, isRefused } = bearer;
  return { version, live: stable.version, why: stable.obstacle?.message, isRefused };
}

function trialSituation({ observed, trial }: Moved): Situation['trial'] {
  // Without a live revision there are no steps: it is given all requests as without a rollout.
  if (!trial || (trial.status.baseline === undefined && trial.weightPercent > 0)) return undefined;
  const { phase, weightPercent, heldFor } = trial;
  const why = trial.hinders === undefined ? undefined : `it does not stand in: ${trial.hinders}`;
  const waitsFor = why && trial.waitsFor ? `${trial.waitsFor.replace(/[.]$/, '')}; ${why}` : (why ?? trial.waitsFor);
  const isPaused = observed.modelDeployment.spec.rollout?.paused ?? false;
  return { phase, weightPercent, waitsFor, heldFor, isPaused };
}

/** The refusal of this moment, or the newest that still holds. */
const rejectionNow = ({ observed, trial }: Moved) => trial?.rejection ?? newestRejection(observed.modelDeployment);

/** Whether a revision that is neither stable nor on its way has requests, or may still have. */
const isReturning = ({ shares, place }: Moved) =>
  shares.some(
    ({ revision, wantedPercent, verifiedPercent }) =>
      revision !== place.stable?.revision &&
      revision !== place.candidate?.revision &&
      (wantedPercent > 0 || (verifiedPercent ?? 0) > 0),
  );

const hasNoGates = ({ rollout, gates }: ModelDeploymentSpec) => rollout !== undefined && (gates ?? []).length === 0;

export const situationOf = (moved: Moved): Situation => ({
  isPinned: isPinned(moved.observed.modelDeployment.spec),
  problem: moved.choice.problem,
  stable: stableSituation(moved),
  candidate: candidateSituation(moved),
  gatewayObstacle: moved.move.traffic.obstacle(moved.shares),
  hasGateway: moved.move.traffic.isOpen,
  isDraining: leaving(moved).length > 0,
  trial: trialSituation(moved),
  standingIn: standingIn(moved),
  rejection: rejectionNow(moved),
  isReturning: isReturning(moved),
  scaledElsewhere: [moved.place.stable, moved.place.candidate]
    .flatMap((each) => (each && scaledElsewhere(moved.observed, each.revision)) ?? [])
    .at(0),
  notExposed: moved.move.traffic.entrance.notExposed,
  hasNoGates: hasNoGates(moved.observed.modelDeployment.spec),
});
