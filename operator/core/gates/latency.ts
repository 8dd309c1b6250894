// Judges a latency quantile of the candidate on histogram buckets: against a limit, and beside the live revision.
import { type Evidence, rateEvidence } from '@sluice/statistics/conditional-share.ts';
import type { Estimate } from '@sluice/statistics/interval.ts';
import { histogramQuantileInterval } from '@sluice/statistics/quantile.ts';
import { smallestWhole } from '@sluice/statistics/smallest.ts';
import { type Decision, decide, neededEvidence, type Threshold, weighThresholds } from './evidence.ts';
import { baselineOf, currentStep, type RequestTotals, type TrafficEvidence, type TrafficStep } from './traffic.ts';
import { afterFailure, figure, type GateVerdict, giveVerdict, percent } from './verdict.ts';

export type LatencyGate = {
  readonly name: string;
  /** In (0, 1), e.g. 0.95. */
  readonly confidence: number;
  /** Which quantile, in (0, 1), e.g. 0.99. */
  readonly quantile: number;
  /** Largest quantile in milliseconds. */
  readonly max?: number | undefined;
  /** The live revision's quantile may be exceeded by this percentage … */
  readonly maxRegressionPercent?: number | undefined;
  /** … or by this many milliseconds, whichever allows more: only what exceeds both fails. */
  readonly maxRegressionAbsolute?: number | undefined;
  /** Rising upper edges of the latency buckets in milliseconds. */
  readonly edges: readonly number[];
};

const method = 'sequential binomial test on histogram buckets, valid at every look';

/** Part of the error chance that the bounds of the live revision's quantile may take, per step. */
const baselineShare = 0.01;
/** The candidate's part: with at most ten steps both together stay below the whole. */
const candidateShare = 0.9;

/**
 * A quantile lies above an edge exactly if more than 1 - quantile of the requests do. The live revision's quantile is
 * bounded by edges, the allowed regression is added, and the candidate's requests above the edge next to that are
 * counted, always in favour of "undecided". Both steps are monotone in the counts, so one test covers all edges.
 */
export const decideLatency = (gate: LatencyGate, evidence: TrafficEvidence): Decision =>
  decide(weighThresholds(thresholdsOf(gate), evidence), neededOf(gate));

/** The decision with its figures and words. */
export function judgeLatency(gate: LatencyGate, evidence: TrafficEvidence): GateVerdict {
  const { candidate } = currentStep(evidence);
  const verdict = decideLatency(gate, evidence);
  const estimate = quantileOf(gate, candidate);
  const baseline = quantileOf(gate, baselineOf(evidence.steps, evidence.steps.length - 1))?.value;
  const nNeeded = samplesNeeded(gate, evidence);
  const n = countAbove(candidate.latency, -1);
  const said = { ...gate, n, estimate: estimate?.value, baseline, nNeeded };
  return giveVerdict(
    { name: gate.name, verdict, n, method, message: messages[verdict](said) },
    { estimate: estimate?.value, lower: estimate?.lower, upper: estimate?.upper, baseline, nNeeded },
  );
}

/** The fewest samples of the candidate with which the gate can pass: none of them slow. */
export const fewestLatencySamples = (gate: LatencyGate): number | undefined =>
  smallestWhole((n) => rateEvidence({ successes: 0, trials: n }, 1 - gate.quantile).safety >= neededOf(gate));

const neededOf = ({ confidence }: LatencyGate) => neededEvidence(confidence) - Math.log(candidateShare);

/** Requests slower than the edge with this index; -1: all. */
export function countAbove(latency: readonly number[], edge: number): number {
  let count = 0;
  for (let bucket = edge + 1; bucket < latency.length; bucket++) count += latency[bucket] ?? 0;
  return count;
}

function aboveEdge(gate: LatencyGate, { latency }: RequestTotals, edge: number): Evidence {
  return rateEvidence({ successes: countAbove(latency, edge), trials: countAbove(latency, -1) }, 1 - gate.quantile);
}

function thresholdsOf(gate: LatencyGate): Threshold[] {
  const { max, maxRegressionPercent, maxRegressionAbsolute } = gate;
  const thresholds: Threshold[] = [];
  if (max !== undefined) thresholds.push(({ candidate }) => besideLimits(gate, candidate, { loose: max, strict: max }));
  if (maxRegressionPercent !== undefined || maxRegressionAbsolute !== undefined) {
    thresholds.push(({ candidate }, baseline) => besideLive(gate, candidate, baseline));
  }
  return thresholds;
}

/** @param limits in milliseconds: beyond `loose` is harm, below `strict` is safe. */
function besideLimits(
  gate: LatencyGate,
  candidate: RequestTotals,
  limits: { loose: number; strict: number },
): Evidence {
  const above = gate.edges.findIndex((edge) => edge >= limits.loose);
  const below = gate.edges.findLastIndex((edge) => edge <= limits.strict);
  return {
    harm: above === -1 ? 0 : aboveEdge(gate, candidate, above).harm,
    safety: below === -1 ? 0 : aboveEdge(gate, candidate, below).safety,
  };
}

function besideLive(gate: LatencyGate, candidate: RequestTotals, stable: RequestTotals): Evidence {
  const bounds = boundQuantile(gate, stable);
  return besideLimits(gate, candidate, {
    loose: bounds.upper === undefined ? Infinity : allowedFrom(gate, bounds.upper),
    strict: bounds.lower === undefined ? 0 : allowedFrom(gate, bounds.lower),
  });
}

/** The most that is allowed beside a live quantile of so many milliseconds. */
function allowedFrom({ maxRegressionPercent = 0, maxRegressionAbsolute = 0 }: LatencyGate, live: number): number {
  return Math.max(live * (1 + maxRegressionPercent / 100), live + maxRegressionAbsolute);
}

/** Edges between which the quantile surely lies; absent where the counts do not tell. */
function boundQuantile(gate: LatencyGate, totals: RequestTotals): { lower?: number; upper?: number } {
  const needed = neededEvidence(gate.confidence) - Math.log(baselineShare);
  const isAbove = (edge: number) => aboveEdge(gate, totals, edge).harm >= needed;
  const isBelow = (edge: number) => aboveEdge(gate, totals, edge).safety >= needed;
  const upper = gate.edges[firstIndex(gate.edges.length, isBelow)];
  const lower = gate.edges[firstIndex(gate.edges.length, (edge) => !isAbove(edge)) - 1];
  return { ...(lower === undefined ? {} : { lower }), ...(upper === undefined ? {} : { upper }) };
}

/** The first index with a property that every later one has too; `length` where none has. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let first = 0;
  let end = length;
  while (first < end) {
    const middle = Math.floor((first + end) / 2);
    if (holds(middle)) end = middle;
    else first = middle + 1;
  }
  return first;
}

function samplesNeeded(gate: LatencyGate, evidence: TrafficEvidence): number | undefined {
  const step = currentStep(evidence);
  const baseline = baselineOf(evidence.steps, evidence.steps.length - 1);
  const seen = countAbove(step.candidate.latency, -1);
  if (seen === 0) return fewestLatencySamples(gate);
  const grown = (totals: RequestTotals, factor: number): RequestTotals => ({
    ...totals,
    latency: totals.latency.map((count) => count * factor),
  });
  const projected = smallestWhole((n) => {
    const factor = n / seen;
    const goesOn: TrafficStep = {
      share: step.share,
      candidate: grown(step.candidate, factor),
      stable: step.share === 1 ? baseline : grown(step.stable, factor),
    };
    const before = step.share === 1 ? [{ ...goesOn, share: 0.5 }] : [];
    return (
      weighThresholds(thresholdsOf(gate), { steps: [...before, goesOn], plannedSteps: 2 }).safety >= neededOf(gate)
    );
  });
  return projected ?? fewestLatencySamples(gate);
}

function quantileOf(gate: LatencyGate, { latency }: RequestTotals): Estimate | undefined {
  if (countAbove(latency, -1) === 0) return undefined;
  let sum = 0;
  const cumulativeCounts = [...gate.edges, Infinity].map((_, bucket) => {
    sum += latency[bucket] ?? 0;
    return sum;
  });
  const histogram = { start: 0, upperBounds: [...gate.edges, Infinity], cumulativeCounts };
  return histogramQuantileInterval(histogram, gate.quantile, gate.confidence);
}

type Said = LatencyGate & {
  readonly n: number;
  readonly estimate: number | undefined;
  readonly baseline: number | undefined;
  readonly nNeeded: number | undefined;
};

const seen = ({ estimate, quantile, n }: Said) =>
  estimate === undefined ? 'no requests yet' : `p${figure(quantile * 100)} ${figure(estimate)} ms of ${n} requests`;

function limits({ max, maxRegressionPercent, maxRegressionAbsolute, baseline }: Said): string {
  const live = baseline === undefined ? 'the live revision, which has no requests' : `live ${figure(baseline)} ms`;
  const allowances = [
    ...(maxRegressionPercent === undefined ? [] : [`${maxRegressionPercent} %`]),
    ...(maxRegressionAbsolute === undefined ? [] : [`${maxRegressionAbsolute} ms`]),
  ];
  return [
    ...(max === undefined ? [] : [`max ${max} ms`]),
    ...(allowances.length === 0 ? [] : [`${live} + ${allowances.join(' or ')}`]),
  ].join(' and ');
}

const messages = {
  Pass: (said: Said) => `${seen(said)} is within ${limits(said)} at ${percent(said.confidence)} confidence.`,
  Fail: (said: Said) => `${seen(said)} against ${limits(said)}. ${afterFailure}`,
  Inconclusive: (said: Said) =>
    `${seen(said)} against ${limits(said)}: undecided; ${said.nNeeded === undefined ? 'more' : `about ${said.nNeeded}`} samples are needed. Send requests, or allow more.`,
} as const;
