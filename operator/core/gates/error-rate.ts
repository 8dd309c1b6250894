// Judges the candidate's error rate by what both revisions answered: against a limit, and beside the live revision.
import { clopperPearsonInterval } from '@sluice/statistics/clopper-pearson.ts';
import { type Evidence, noEvidence, rateEvidence, sharedEvidence } from '@sluice/statistics/conditional-share.ts';
import { smallestWhole } from '@sluice/statistics/smallest.ts';
import { wilsonInterval } from '@sluice/statistics/wilson.ts';
import { type Decision, decide, joinEvidence, neededEvidence, type Threshold, weighThresholds } from './evidence.ts';
import {
  answeredOf,
  baselineOf,
  currentStep,
  errorsOf,
  noRequests,
  type RequestTotals,
  type TrafficEvidence,
  type TrafficStep,
} from './traffic.ts';
import { advise, figure, type GateVerdict, giveVerdict, percent, whatDecides } from './verdict.ts';

export type ErrorRateGate = {
  readonly name: string;
  /** In (0, 1), e.g. 0.95. */
  readonly confidence: number;
  /** Largest error rate. */
  readonly max?: number | undefined;
  /** Largest difference to the live revision's rate. */
  readonly maxRegression?: number | undefined;
};

const method = 'sequential likelihood ratio, valid at every look';

/** Part of the error chance that a fixed baseline (in the bake) may take. */
const baselineShare = 0.1;

/** Every threshold must hold: a pass proves all, a failure is evidence against at least one. */
export const decideErrorRate = (gate: ErrorRateGate, evidence: TrafficEvidence): Decision =>
  decide(weighThresholds(thresholdsOf(gate), evidence), neededEvidence(gate.confidence));

/** The decision with its figures and words. */
export function judgeErrorRate(gate: ErrorRateGate, evidence: TrafficEvidence): GateVerdict {
  const { candidate } = currentStep(evidence);
  const { successes, trials } = errorsOf(candidate);
  const verdict = decideErrorRate(gate, evidence);
  const figures = trials === 0 ? undefined : wilsonInterval(successes, trials, gate.confidence);
  const baseline = rateOf(baselineOf(evidence.steps, evidence.steps.length - 1));
  const nNeeded = samplesNeeded(gate, evidence);
  const said = { ...gate, candidate, baseline, nNeeded };
  return giveVerdict(
    { name: gate.name, verdict, n: trials, method, message: messages[verdict](said) },
    { estimate: figures?.value, lower: figures?.lower, upper: figures?.upper, baseline, nNeeded },
  );
}

/** The fewest samples of the candidate with which the gate can pass: none of them an error. */
export const fewestErrorRateSamples = (gate: ErrorRateGate): number | undefined =>
  smallestWhole((n) => {
    const clean = { share: 0.5, candidate: totals(n, 0), stable: totals(n, 0) };
    return safetyOf(gate, clean) >= neededEvidence(gate.confidence);
  });

const totals = (requests: number, errors: number): RequestTotals => ({ ...noRequests, requests, errors });

function rateOf(seen: RequestTotals): number | undefined {
  const { successes, trials } = errorsOf(seen);
  return trials === 0 ? undefined : successes / trials;
}

const safetyOf = (gate: ErrorRateGate, step: TrafficStep) =>
  weighThresholds(thresholdsOf(gate), { steps: [step], plannedSteps: 1 }).safety;

function samplesNeeded(gate: ErrorRateGate, evidence: TrafficEvidence): number | undefined {
  const step = currentStep(evidence);
  const candidate = rateOf(step.candidate);
  const stable = rateOf(step.stable);
  if (candidate === undefined || stable === undefined) return fewestErrorRateSamples(gate);
  const perSample = answeredOf(step.stable) / answeredOf(step.candidate);
  return smallestWhole((n) => {
    const other = n * perSample;
    const seen = { ...step, candidate: totals(n, n * candidate), stable: totals(other, other * stable) };
    return safetyOf(gate, seen) >= neededEvidence(gate.confidence);
  });
}

function thresholdsOf({ max, maxRegression, confidence }: ErrorRateGate): Threshold[] {
  const thresholds: Threshold[] = [];
  if (max !== undefined) thresholds.push((step) => besideLimit(step, max));
  if (maxRegression !== undefined) {
    thresholds.push((step, baseline) =>
      step.share < 1
        ? sharedEvidence({
            candidate: errorsOf(step.candidate),
            stable: errorsOf(step.stable),
            share: step.share,
            margin: maxRegression,
          })
        : besideFixed(step.candidate, baseline, { maxRegression, confidence }),
    );
  }
  return thresholds;
}

/**
 * Above the limit, and above the live revision: where both miss the limit (an outage behind them), the candidate is not
 * to blame, and neither fails nor passes. The weaker of two e-values is one for "either holds".
 */
function besideLimit(step: TrafficStep, max: number): Evidence {
  const alone = rateEvidence(errorsOf(step.candidate), max);
  if (step.share === 1 || answeredOf(step.stable) === 0) return alone;
  const { harm } = sharedEvidence({
    candidate: errorsOf(step.candidate),
    stable: errorsOf(step.stable),
    share: step.share,
    margin: 0,
  });
  return { harm: Math.min(alone.harm, harm), safety: alone.safety };
}

/** In the bake: against the exact interval of what the live revision last showed. */
function besideFixed(
  candidate: RequestTotals,
  baseline: RequestTotals,
  { maxRegression, confidence }: { maxRegression: number; confidence: number },
): Evidence {
  const { successes, trials } = errorsOf(baseline);
  if (trials === 0) return noEvidence;
  const known = clopperPearsonInterval(successes, trials, 1 - (1 - confidence) * baselineShare);
  const limit = (bound: number) => Math.min(bound + maxRegression, 1 - Number.EPSILON);
  return joinEvidence(
    rateEvidence(errorsOf(candidate), limit(known.upper)),
    rateEvidence(errorsOf(candidate), limit(known.lower)),
  );
}

type Said = ErrorRateGate & {
  readonly candidate: RequestTotals;
  readonly baseline: number | undefined;
  readonly nNeeded: number | undefined;
};

function rates({ candidate }: Said): string {
  const { successes, trials } = errorsOf(candidate);
  if (trials === 0) return 'no requests yet';
  const cause = candidate.nonFinite === 0 ? '' : `, ${candidate.nonFinite} of them NaN`;
  return `error rate ${figure(successes / trials)} (${successes} of ${trials}${cause})`;
}

function limits({ max, maxRegression, baseline }: Said): string {
  const beside = baseline === undefined ? 'live (no requests yet)' : `live ${figure(baseline)}`;
  return [
    ...(max === undefined ? [] : [`max ${max}`]),
    ...(maxRegression === undefined ? [] : [`${beside} + ${maxRegression}`]),
  ].join(' and ');
}

const messages = {
  Pass: (said: Said) => `${rates(said)} is within ${limits(said)} at ${percent(said.confidence)} confidence.`,
  Fail: (said: Said) =>
    advise(
      `${rates(said)} against ${limits(said)}.`,
      'See the logs of its pods; a new version or rollout.retryToken tries again.',
    ),
  Inconclusive: (said: Said) =>
    fewestErrorRateSamples(said) === undefined
      ? `${rates(said)} against ${limits(said)}: no number of samples can show it. Allow more than 0.`
      : advise(`${rates(said)} against ${limits(said)}: undecided.`, whatDecides(said.nNeeded)),
} as const;
