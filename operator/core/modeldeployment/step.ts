// Takes at most one step: from what is wanted and known to who gets which share next.
import { longestRequestSeconds } from '@sluice/crds/contract.ts';
import type { Instant } from '../plan.ts';
import { returnWeights } from '../traffic/returning.ts';
import { drainSeconds, type Move, nextShares, type Share, verifyShares } from '../traffic/shares.ts';
import { aimAt, withRejectionsNamed } from './choice/aim.ts';
import type { Choice } from './choice/choose.ts';
import { nextPlace, type Place } from './choice/place.ts';
import type { ModelDeploymentObserved, ModelDeploymentSettings } from './observed.ts';
import { pinnedRevision, type WantedRevision } from './revision/revision.ts';
import { judgeTrial } from './rollout/judge-trial.ts';
import { trialOf } from './rollout/start-trial.ts';
import type { TrialResult } from './rollout/trial.ts';
import { liveCapacity } from './traffic/capacity.ts';
import { trafficOf } from './traffic/gateway.ts';
import { wantedReplicas } from './workload/scaling.ts';
import { isWarm, workloadOf } from './workload/workload.ts';

/** Where things stand after the step. */
export type Moved = {
  readonly observed: ModelDeploymentObserved;
  readonly choice: Choice;
  readonly wanted: WantedRevision | undefined;
  readonly place: Place;
  readonly shares: readonly Share[];
  readonly move: Move;
  /** The candidate's trial, also when it has just ended; absent when there is none. */
  readonly trial: TrialResult | undefined;
};

/** Who is who once the trial has spoken. */
function placeAfter({ stable, candidate }: Place, trial: TrialResult | undefined): Place {
  if (trial?.refusal) return { stable, candidate: undefined };
  return trial?.isPromoted ? { stable: candidate, candidate: undefined } : { stable, candidate };
}

/** @returns what is wanted, who is stable and who on the way, and the shares that are wanted next. */
export function moveOn(given: ModelDeploymentObserved, now: Instant, settings: ModelDeploymentSettings): Moved {
  const observed = withRejectionsNamed(given, settings);
  const { modelDeployment, revisions, workloads } = observed;
  const { status } = modelDeployment;
  const traffic = trafficOf(observed, now);
  const { choice, wanted } = aimAt(observed, settings);
  const inForceSince = Math.min(now, observed.inForceSince ?? now);
  const verified = verifyShares(status?.traffic ?? [], { ...traffic, now: inForceSince });
  const before = nextPlace(status, wanted, verified);
  const started = trialOf(observed, before, { shares: verified, traffic, settings });
  const trial = started && judgeTrial(started);
  const place = placeAfter(before, trial);
  const warm = (revision: string) => isWarm(workloadOf(workloads, revision), wantedReplicas(observed, revision));
  const weightPercent = trial?.weightPercent ?? 100;
  const move: Move = {
    candidate: place.candidate && {
      ...{ ...place.candidate, weightPercent },
      // In place of a live revision that cannot answer, the pods that it has are better than none.
      isWarm: trial?.status.standIn?.since !== undefined || warm(place.candidate.revision),
    },
    stable: place.stable?.revision,
    isLiveGone: trial?.isLiveGone ?? false,
    traffic,
    drainSeconds: (revision) =>
      drainSeconds(pinnedRevision(revisions, revision)?.data.settings.requestTimeoutSeconds ?? longestRequestSeconds),
  };
  const shares = returnWeights(nextShares(verified, move), {
    stable: place.stable?.revision,
    capacity: liveCapacity(observed, place.stable?.revision),
    limitOf: (revision) => (revision === place.candidate?.revision ? weightPercent : 0),
    now,
  });
  return { observed, choice, wanted, place, shares, move, trial };
}

/** Shares that have lost their weight and are not on their way to one. */
export const leaving = ({ shares, place }: Moved): Share[] =>
  shares.filter(
    ({ wantedPercent, revision }) =>
      wantedPercent === 0 && revision !== place.candidate?.revision && revision !== place.stable?.revision,
  );
