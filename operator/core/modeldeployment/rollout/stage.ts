// Judges a candidate that has requests: counts what came of them while its weight is in force, and lets the gates decide
// whether it gets more, stays, or is taken back.
import { secondsSince, shorten } from '../../conditions.ts';
import { evidenceOf } from '../../gates/ledger.ts';
import { busyFor } from '../../gates/overload.ts';
import { judgeStep, type StepOutcome } from '../../gates/step.ts';
import { answeredOf } from '../../gates/traffic.ts';
import type { GateVerdict } from '../../gates/verdict.ts';
import { beginOrGoOn } from './begin-step.ts';
import { awayBecause, type Comparison, comparisonOf, shareWithoutLive, standsIn } from './comparison.ts';
import { type Evidence, foldEvidence } from './counters.ts';
import { beginInterlude } from './guardrail-only.ts';
import { beganAt } from './in-force.ts';
import { clockFrom, clockOf, usedSeconds } from './phase-clock.ts';
import { bakeWeight, type Stage, stageAfter, stageAt, stagesOf } from './steps.ts';
import { judgeTraffic, trafficGates } from './traffic-gates.ts';
import { type Decided, saidBefore, type Trial } from './trial.ts';

export type Judging = {
  readonly evidence: Evidence;
  /** The guardrail on the evidence, whatever the stage. */
  judgeGuardrail(evidence: Evidence): GateVerdict;
  /** What is missing of the candidate's pods, in words. */
  readonly missingPods: string | undefined;
};

/** The weight of the step: what the candidate has beyond it is not the step's, but the live revision's that is down. */
function weightOf({ before, share }: Trial): number {
  const asked = share?.wantedPercent ?? 0;
  return Math.min(asked, before?.standIn?.stepPercent ?? asked);
}

const phaseOf = (weight: number) => (weight >= bakeWeight ? ('Baking' as const) : ('Stepping' as const));

const isFailed = ({ verdict }: GateVerdict) => verdict === 'Fail';

/** What the candidate shall have after the outcome. A pause stops everything but a failure. */
function follow(
  trial: Trial,
  stages: readonly Stage[],
  said: { outcome: StepOutcome; stage: Stage; isFailing: boolean },
) {
  const { outcome, stage, isFailing } = said;
  const { paused } = trial.rollout;
  const stay = { weightPercent: stage.weightPercent, step: stage.rule.name, waitsFor: outcome.message };
  if (outcome.action === 'Rollback' && (isFailing || !paused)) {
    const gate = outcome.gate ?? stage.rule.name;
    return { ...stay, refusal: { gate, message: outcome.message, evidenceAt: trial.traffic.counts.at } };
  }
  if (paused || outcome.action === 'Rollback' || outcome.action === 'Stay') return stay;
  if (outcome.action === 'Hold') return { ...stay, heldFor: shorten(outcome.message) };
  const next = stageAfter(stages, stage.weightPercent);
  // Its time begins when its weight is in force.
  return next
    ? { weightPercent: next.weightPercent, step: next.rule.name, runs: false }
    : { ...stay, isPromoted: true };
}

const isBake = ({ weightPercent }: Stage) => weightPercent === bakeWeight;

/** In the bake gates may only fail: what had to be shown was shown by the steps. */
const binding = (verdicts: readonly GateVerdict[], stage: Stage) =>
  isBake(stage) ? verdicts.filter(isFailed) : verdicts;

type InForce = Judging & { readonly stage: Stage; readonly comparison: Exclude<Comparison, 'Nothing'> };

function judgeInForce(trial: Trial, stages: readonly Stage[], judging: InForce): Decided {
  const { traffic, gates, before, now } = trial;
  const { stage, comparison } = judging;
  const phase = { phase: phaseOf(stage.weightPercent), step: stage.rule.name, weightPercent: stage.weightPercent };
  const share = comparison === 'Last' ? shareWithoutLive : stage.weightPercent / 100;
  const began = beganAt(trial, phase);
  const evidence = foldEvidence(beginOrGoOn(judging.evidence, { name: stage.rule.name, share, now: began }), traffic);
  const step = evidence.traffic.steps.at(-1);
  const verdicts = judgeTraffic(trafficGates(gates), evidenceOf(evidence.traffic, stages.length));
  const guardrail = judging.judgeGuardrail(evidence);
  const missing = judging.missingPods ?? (isBake(stage) ? traffic.counts.missing : undefined);
  const clock = began < now ? clockFrom(began) : clockOf(before, phase, now);
  const used = usedSeconds(clock, now);
  const outcome = judgeStep({
    rule: stage.rule,
    elapsedSeconds: Math.floor(used),
    candidateSamples: step ? answeredOf(step.candidate) : 0,
    busyFor: step ? busyFor(step.candidate) : 0,
    verdicts: binding(verdicts, stage),
    guardrail,
    missing,
  });
  const evaluations = saidBefore(trial).filter(({ name }) =>
    gates.some((gate) => gate.name === name && gate.evaluation),
  );
  const decided = follow(trial, stages, { outcome, stage, isFailing: [guardrail, ...verdicts].some(isFailed) });
  return {
    phase: phaseOf(decided.weightPercent),
    verdicts: [guardrail, ...evaluations, ...verdicts],
    evidence,
    runs: mayRun(trial) && missing === undefined && outcome.action !== 'Hold',
    dueSeconds: dueIn(stage, used),
    ...(decided.weightPercent === stage.weightPercent ? { clock } : {}),
    ...decided,
  };
}

/** When time alone may bring the step on; undefined when it has done so. */
function dueIn({ rule: { minSeconds, maxSeconds } }: Stage, used: number): number | undefined {
  const left = [minSeconds, maxSeconds].map((seconds) => seconds - used).filter((seconds) => seconds > 0);
  return left.length === 0 ? undefined : Math.min(...left);
}

/** Whether time alone can bring a step on. */
const mayRun = ({ rollout, traffic }: Trial): boolean => !rollout.paused && traffic.isOpen;

type Waiting = Judging & {
  readonly stage: Stage;
  /** Of the requests, in (0, 1]: the weight on its way, or `shareWithoutLive`. */
  readonly counted: number;
};

/** Where no gate can judge, clients get the candidate's answers all the same: the guardrail alone looks at them. */
function judgeInterlude(trial: Trial, { evidence: kept, judgeGuardrail, stage, counted }: Waiting): Decided {
  const { rollout, traffic, now } = trial;
  const weight = weightOf(trial);
  const step = stage.rule.name;
  const evidence = foldEvidence(beginInterlude(kept, { name: step, share: counted, startedAt: now }), traffic);
  const guardrail = judgeGuardrail(evidence);
  const verdicts = [guardrail, ...saidBefore(trial).filter(({ name }) => name !== guardrail.name)];
  const waiting = { phase: phaseOf(stage.weightPercent), step, verdicts, evidence } as const;
  if (isFailed(guardrail)) {
    const refusal = { gate: guardrail.name, message: guardrail.message, evidenceAt: traffic.counts.at };
    return { ...waiting, weightPercent: weight, refusal };
  }
  // Another weight than the stage's is one that the spec has no stage of any more.
  return { ...waiting, weightPercent: rollout.paused ? weight : stage.weightPercent };
}

/** Gateways take a weight within a second: what is counted until then is looked at once it has taken them longer. */
const takingSeconds = 2;

/** Whether the weight was asked for just now, and nothing is counted for the guardrail alone yet. */
const isAskedJustNow = ({ share, now }: Trial, { traffic: { steps } }: Evidence): boolean =>
  share !== undefined && secondsSince(share.changedAt, now) < takingSeconds && !steps.at(-1)?.guardrailOnly;

/** The weight is on its way, and nothing is to be noted of that. */
function judgeOnTheWay(trial: Trial, { evidence, judgeGuardrail, stage }: Waiting): Decided {
  const guardrail = judgeGuardrail(evidence);
  const verdicts = [guardrail, ...saidBefore(trial).filter(({ name }) => name !== guardrail.name)];
  const weightPercent = trial.rollout.paused ? weightOf(trial) : stage.weightPercent;
  return { phase: phaseOf(stage.weightPercent), step: stage.rule.name, verdicts, evidence, weightPercent };
}

/** A candidate without a live revision is not compared: it serves as soon as the gateways give it everything. */
export function judgeStage(trial: Trial, judging: Judging): Decided {
  const { rollout, share, stable } = trial;
  const weight = weightOf(trial);
  const asked = share?.wantedPercent ?? 0;
  const stages = stagesOf(rollout);
  const stage = stageAt(stages, weight);
  if (!stable || !stage) {
    return { phase: 'Baking', weightPercent: bakeWeight, verdicts: saidBefore(trial), evidence: judging.evidence };
  }
  const isGiven = share?.verifiedPercent === asked && (asked === weight || standsIn(trial));
  const isInForce = isGiven && stage.weightPercent === weight;
  if (!isInForce) {
    const judge = isAskedJustNow(trial, judging.evidence) ? judgeOnTheWay : judgeInterlude;
    return judge(trial, { ...judging, stage, counted: asked / 100 });
  }
  const { name } = stage.rule;
  const comparison = isBake(stage) ? 'Last' : comparisonOf(trial, judging.evidence.traffic.steps, name);
  if (comparison !== 'Nothing') return judgeInForce(trial, stages, { ...judging, stage, comparison });
  const waitsFor = `Step ${name} waits: ${judging.missingPods ?? awayBecause(trial)}.`;
  const runs = mayRun(trial) && judging.missingPods === undefined;
  return { waitsFor, runs, ...judgeInterlude(trial, { ...judging, stage, counted: shareWithoutLive }) };
}
