// Decides whether a candidate may have its first requests: its pods are warm, and every evaluation gate is content.
import { shorten } from '../../conditions.ts';
import { guardrailName } from '../../gates/guardrail.ts';
import { advise, type GateVerdict } from '../../gates/verdict.ts';
import type { Refusal } from '../choice/rejections.ts';
import { obstacleOf, runsInVain } from '../workload/startup.ts';
import { workloadOf } from '../workload/workload.ts';
import { isAskedAlone, judgedBy } from './asked-alone.ts';
import type { Evidence } from './counters.ts';
import { type EvaluationOutcome, evaluationGates, judgeEvaluations } from './evaluation-gates.ts';
import { clockOf, usedSeconds } from './phase-clock.ts';
import { bakeWeight, stagesOf } from './steps.ts';
import { type Decided, saidBefore, type Trial } from './trial.ts';

export type Waiting = { readonly evidence: Evidence; readonly guardrail: GateVerdict; readonly isWarm: boolean };

/**
 * Other gates may have other thresholds: what was said by the old ones is asked again. What else changes in a spec, as its
 * replicas do all the time where an autoscaler sets them, changes no verdict. An earlier release kept no digest.
 */
const stillSaid = (trial: Trial): readonly GateVerdict[] => {
  const { metadata, status } = trial.observed.modelDeployment;
  const judged = trial.before?.judgedBy;
  const isSame =
    judged === undefined
      ? status?.observedGeneration === metadata.generation
      : judged === judgedBy(trial, isAskedAlone(trial));
  return isSame ? saidBefore(trial) : [];
};

const evaluate = (trial: Trial): EvaluationOutcome =>
  judgeEvaluations(trial.gates, {
    deployment: trial.observed.modelDeployment,
    candidate: trial.candidate,
    stable: isAskedAlone(trial) ? undefined : trial.stable,
    said: stillSaid(trial),
    attempt: trial.before?.evaluationAttempt ?? 1,
    jobs: trial.observed.jobs,
    pods: trial.observed.pods,
    settings: trial.settings,
    now: trial.now,
  });

const refusalBy = ({ name, message }: GateVerdict): Refusal => ({ gate: name, message });

/** What a candidate begins with; without a live revision nothing else could answer. */
function firstStage({ rollout, stable }: Trial): Pick<Decided, 'phase' | 'weightPercent' | 'step'> {
  const [first] = stagesOf(rollout);
  if (stable === undefined || !first) return { phase: 'Baking', weightPercent: bakeWeight };
  return { phase: 'Stepping', weightPercent: first.weightPercent, step: first.rule.name };
}

/** What becomes of gates that could not decide; they never will, by the same rows. */
function undecided({ rollout }: Trial, verdicts: readonly GateVerdict[]): Pick<Decided, 'refusal' | 'heldFor'> {
  const open = verdicts.find(({ verdict }) => verdict === 'Error' || verdict === 'Inconclusive');
  if (!open) return {};
  if (rollout.onInconclusive === 'Rollback') return { refusal: refusalBy(open) };
  if (rollout.onInconclusive === 'Promote' && !verdicts.some(({ verdict }) => verdict === 'Error')) return {};
  return { heldFor: shorten(`gate ${open.name}: ${open.message}`) };
}

/**
 * While pods of the candidate run and do not become ready, its time runs: then it is refused, with what they say. Without a
 * live revision nothing else could answer.
 */
function warmUp(trial: Trial): Pick<Decided, 'phase' | 'runs' | 'refusal'> {
  const { observed, candidate, stable, rollout, before, now } = trial;
  const phase = 'WarmingUp' as const;
  const runs = stable !== undefined && !rollout.paused && runsInVain(candidate.revision, observed.pods);
  const used = usedSeconds(clockOf(before, { phase, weightPercent: 0 }, now), now);
  if (!runs || used < rollout.warmUpSeconds) return { phase, runs };
  const seen = { workload: workloadOf(observed.workloads, candidate.revision), pods: observed.pods, now };
  const why = obstacleOf(candidate.revision, seen)?.message ?? 'they run, and do not become ready; see their logs';
  const problem = `Its pods are not ready after ${rollout.warmUpSeconds} s: ${why}`;
  const message = advise(`${problem.replace(/[.…]$/, '')}.`, 'A new rollout.retryToken tries again.');
  return { phase, runs, refusal: { gate: 'warm-up', message } };
}

/** @returns weight 0 until everything that comes before traffic is content, and there is room for one more share. */
export function admit(trial: Trial, { evidence, guardrail, isWarm }: Waiting): Decided {
  const rest = { weightPercent: 0, evidence };
  if (guardrail.verdict === 'Fail') {
    return { ...rest, phase: 'WarmingUp', verdicts: [guardrail], refusal: refusalBy(guardrail) };
  }
  const beside = isAskedAlone(trial) ? undefined : trial.stable;
  const hasGates = evaluationGates(trial.gates, beside).length > 0;
  const said = stillSaid(trial).filter(({ name }) => name !== guardrailName);
  if (!isWarm) return { ...rest, verdicts: said, ...warmUp(trial) };
  const { verdicts, children, waitsFor, attempt } = hasGates
    ? evaluate(trial)
    : { verdicts: [], children: [], waitsFor: undefined, attempt: 1 };
  const outcome = { ...rest, phase: 'Evaluating' as const, verdicts, children, evaluationAttempt: attempt };
  const failed = verdicts.find(({ verdict }) => verdict === 'Fail');
  if (failed) return { ...outcome, refusal: refusalBy(failed) };
  if (waitsFor !== undefined) return { ...outcome, waitsFor };
  const open = undecided(trial, verdicts);
  if (open.refusal || open.heldFor !== undefined) return { ...outcome, ...open };
  return trial.rollout.paused || !trial.hasRoom ? outcome : { ...outcome, ...firstStage(trial) };
}
