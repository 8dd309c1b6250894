// A candidate on trial: what it may have of the requests now, by what is known of it.
//
//   pods warm → evaluation gates → step, step, … → all requests (bake) → stable, or refused by a gate at any point
import { formatTime, shorten } from '../../conditions.ts';
import { guardrailName, judgeGuardrail } from '../../gates/guardrail.ts';
import type { KeptStep } from '../../gates/ledger.ts';
import { answeredOf } from '../../gates/traffic.ts';
import { rejectionFor } from '../choice/rejections.ts';
import { hindranceOf } from '../standin/hindrance.ts';
import { liveState } from '../standin/live-down.ts';
import { isGone, nextStandIn } from '../standin/stand-in.ts';
import { wholeReplicas } from '../traffic/capacity.ts';
import { guardrailEvidence, missingPods, nextReadiness, readyReplicas } from '../workload/health.ts';
import { wantedReplicas } from '../workload/scaling.ts';
import { isWarm, workloadOf } from '../workload/workload.ts';
import { admit } from './admission.ts';
import { isAskedAgain, isAskedAlone, judgedAsBefore, judgedBy, notCompared } from './asked-alone.ts';
import { shareWithoutLive } from './comparison.ts';
import { type Evidence, evidenceFrom, keepEvidence } from './counters.ts';
import { clockOf, tick } from './phase-clock.ts';
import { judgeStage } from './stage.ts';
import { bakeWeight } from './steps.ts';
import type { Decided, Trial, TrialResult } from './trial.ts';

/** @returns what the candidate shall have, and everything that is to be kept of it. */
export function judgeTrial(trial: Trial): TrialResult {
  const { observed, candidate, stable, before, share, now } = trial;
  const { status } = observed.modelDeployment;
  const workload = workloadOf(observed.workloads, candidate.revision);
  const ready = readyReplicas(workload);
  const replicas = wantedReplicas(observed, candidate.revision);
  const live = stable && {
    ready: readyReplicas(workloadOf(observed.workloads, stable.revision)),
    wanted: wholeReplicas(observed),
  };
  const readiness = nextReadiness(before, { ready, replicas, live, now });
  const evidence = evidenceFrom(before && status?.evidence, candidate.revision, stable?.revision ?? '');
  const judge = (seen: Evidence) =>
    judgeGuardrail(
      guardrailEvidence({
        ...{ revision: candidate.revision, stable: stable?.revision, since: sinceOf(trial) },
        ...{ workload, pods: observed.pods, readiness, live, evidence: seen, now },
      }),
    );
  const isAdmitted = (share?.wantedPercent ?? 0) > 0 && before?.phase !== 'Evaluating' && !isAskedAgain(trial);
  const judged = !isAdmitted
    ? admit(trial, { evidence, guardrail: judge(evidence), isWarm: isWarm(workload, replicas) })
    : judgeStage(trial, {
        ...{ evidence, judgeGuardrail: judge },
        missingPods: missingPods({ ready, wanted: readiness.warmReplicas }, live),
      });
  const decided = withoutProof(trial, judged);
  const judgedNow = isAdmitted ? judgedAsBefore(trial) : judgedBy(trial, isAskedAlone(trial));
  const rejection =
    decided.refusal && rejectionFor(candidate, decided.refusal, { retryToken: trial.rollout.retryToken, now });
  const { standIn, ...around } = standInOf(trial, decided, ready);
  const weightPercent = standIn?.since === undefined ? decided.weightPercent : bakeWeight;
  const record = {
    ...statusOf(trial, decided),
    ...readiness,
    judgedBy: judgedNow,
    weightPercent,
    ...(standIn ? { standIn } : {}),
  };
  return { ...decided, ...recordOf(trial, decided), ...around, rejection, weightPercent, status: record };
}

/** Nothing is promoted by gates that would compare it and could not. */
function withoutProof(trial: Trial, judged: Decided): Decided {
  const gate = notCompared(trial);
  if (gate === undefined || !judged.isPromoted) return judged;
  const heldFor = shorten(
    `gate ${gate} has not compared it with the live revision, which is gone: mend that one, or take the gate out`,
  );
  return { ...judged, isPromoted: false, heldFor };
}

/** Whether the candidate stands in for the live revision, and why not when that one is gone. @param ready its pods. */
function standInOf(trial: Trial, decided: Decided, ready: number) {
  const { stable, rollout, before, share, observed, traffic, now } = trial;
  if (!stable) return { standIn: undefined, isLiveGone: false };
  const live = liveState(stable, { observed, traffic });
  const hinders = hindranceOf({ trial, decided, ready });
  const standIn = nextStandIn(before?.standIn, {
    ...{ live, hinders, canAnswer: ready > 0, stepPercent: decided.weightPercent, now },
    wantedPercent: share?.wantedPercent ?? 0,
    isOver: rollout.whenLiveIsDown === 'Wait' || decided.weightPercent === bakeWeight,
  });
  const isLiveGone = isGone(standIn, live, now);
  return { standIn, isLiveGone, ...(isLiveGone && standIn?.since === undefined ? { hinders } : {}) };
}

const recordOf = ({ gates }: Trial, { verdicts, evidence }: Decided) => {
  const order = [guardrailName, ...gates.map(({ name }) => name)];
  const known = verdicts.filter(({ name }) => order.includes(name));
  return {
    gates: known.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    kept: keepEvidence(evidence),
  };
};

const sinceOf = ({ before, now }: Trial) => before?.since ?? formatTime(now);

/** Where no live revision answers, the candidate answers all. */
const isOf = ({ name, share }: KeptStep, { step, weightPercent }: Decided) =>
  name === step && (share === shareWithoutLive || Math.round(share * 100) === weightPercent);

function statusOf(trial: Trial, decided: Decided) {
  const { candidate, stable, before, now } = trial;
  const { phase, weightPercent, step, heldFor, evidence, evaluationAttempt } = decided;
  const current = evidence.traffic.steps.at(-1);
  const clock = tick(decided.clock ?? clockOf(before, decided, now), decided.runs ?? false, now);
  const isBegun = current !== undefined && !current.guardrailOnly && isOf(current, decided);
  return {
    revision: candidate.revision,
    ...(stable ? { baseline: stable.revision } : {}),
    since: sinceOf(trial),
    phase,
    ...(step === undefined ? {} : { step }),
    weightPercent,
    ...(isBegun ? { startedAt: formatTime(current.startedAt) } : {}),
    ...(clock.since === undefined && clock.usedSeconds === 0 ? {} : { clock }),
    candidateSamples: isBegun ? answeredOf(current.candidate) : 0,
    ...(heldFor === undefined ? {} : { heldFor }),
    evaluationAttempt: evaluationAttempt ?? before?.evaluationAttempt ?? 1,
  };
}
