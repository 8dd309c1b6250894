// Judges a latency quantile of the candidate on histogram buckets: against a limit, and beside the live revision.
import { type Evidence, rateEvidence, rateTest } from '@sluice/statistics/conditional-share.ts';
import type { Estimate } from '@sluice/statistics/interval.ts';
import { histogramQuantileInterval } from '@sluice/statistics/quantile.ts';
import { smallestWhole } from '@sluice/statistics/smallest.ts';
import { type Decision, decide, neededEvidence, type Threshold, weighThresholds } from './evidence.ts';
import {
  baselineOf,
  currentStep,
  type RequestTotals,
  type Shows,
  type TrafficEvidence,
  type TrafficStep,
} from './traffic.ts';
import { advise, figure, type GateVerdict, giveVerdict, percent, whatDecides } from './verdict.ts';

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

/**
 * A quantile lies above an edge exactly if more than 1 - quantile of the requests do, so counts above edges are all that
 * is needed; what lies within a bucket is always taken in favour of "undecided".
 */
export const decideLatency = (gate: LatencyGate, evidence: TrafficEvidence): Decision =>
  decide(weighThresholds(thresholdsOf(gate), evidence, isTimed), neededEvidence(gate.confidence));

/** The decision with its figures and words. */
export function judgeLatency(gate: LatencyGate, evidence: TrafficEvidence): GateVerdict {
  const { candidate } = currentStep(evidence);
  const verdict = decideLatency(gate, evidence);
  const estimate = quantileOf(gate, candidate);
  const baseline = quantileOf(gate, lastTimed(evidence))?.value;
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
  smallestWhole(
    (n) => rateEvidence({ successes: 0, trials: n }, 1 - gate.quantile).safety >= neededEvidence(gate.confidence),
  );

/** Requests slower than the edge with this index; -1: all. */
export function countAbove(latency: readonly number[], edge: number): number {
  let count = 0;
  for (let bucket = edge + 1; bucket < latency.length; bucket++) count += latency[bucket] ?? 0;
  return count;
}

/** What the gateways answer for a revision without pods is counted, and took no time. */
const isTimed: Shows = ({ latency }) => countAbove(latency, -1) > 0;

const lastTimed = ({ steps }: TrafficEvidence) => baselineOf(steps, steps.length - 1, isTimed);

type Test = ReturnType<typeof rateTest>;

function thresholdsOf(gate: LatencyGate): Threshold[] {
  const { edges, max, maxRegressionPercent, maxRegressionAbsolute } = gate;
  const test = rateTest(1 - gate.quantile);
  const thresholds: Threshold[] = [];
  if (max !== undefined) {
    thresholds.push(({ candidate }) => besideLimit(edges, evidencePerEdge(edges, candidate, test), max));
  }
  if (maxRegressionPercent !== undefined || maxRegressionAbsolute !== undefined) {
    thresholds.push(({ candidate }, baseline) =>
      besideLive(gate, evidencePerEdge(edges, candidate, test), evidencePerEdge(edges, baseline, test)),
    );
  }
  return thresholds;
}

/** For each edge: harm is evidence that the quantile lies above it, safety that it lies below. */
function evidencePerEdge(edges: readonly number[], { latency }: RequestTotals, test: Test): Evidence[] {
  const trials = countAbove(latency, -1);
  let above = trials;
  let evidence = test({ successes: above, trials });
  return edges.map((_, edge) => {
    const count = latency[edge] ?? 0;
    // Projected counts are fractions, and may leave a trace of rounding.
    above = Math.max(0, above - count);
    // Most buckets are empty, and change nothing.
    if (count > 0) evidence = test({ successes: above, trials });
    return evidence;
  });
}

/** The candidate against limits in milliseconds: harm beyond the first edge from `loose` on, safety below `strict`. */
function besideLimits(
  edges: readonly number[],
  candidate: readonly Evidence[],
  limits: { loose: number; strict: number },
): Evidence {
  return {
    harm: candidate[edges.findIndex((edge) => edge >= limits.loose)]?.harm ?? 0,
    safety: candidate[edges.findLastIndex((edge) => edge <= limits.strict)]?.safety ?? 0,
  };
}

const besideLimit = (edges: readonly number[], candidate: readonly Evidence[], max: number): Evidence =>
  besideLimits(edges, candidate, { loose: max, strict: max });

/**
 * The live revision's quantile lies in some bucket, nobody knows in which. For each bucket, the evidence that it is not
 * that one, (1 + mean of two e-values) / 2, times the candidate's evidence if it were: one e-value; the smallest over
 * all buckets is one whichever it is.
 */
function besideLive(gate: LatencyGate, candidate: readonly Evidence[], live: readonly Evidence[]): Evidence {
  const { edges } = gate;
  let least: Evidence = { harm: Infinity, safety: Infinity };
  for (let bucket = 0; bucket <= edges.length; bucket++) {
    const isAbove = live[bucket]?.harm ?? 0;
    const isBelow = live[bucket - 1]?.safety ?? 0;
    const isElsewhere = Math.log(0.5 + 0.25 * (Math.exp(isAbove) + Math.exp(isBelow)));
    const limits = { loose: allowed(gate, edges[bucket] ?? Infinity), strict: allowed(gate, edges[bucket - 1] ?? 0) };
    const { harm, safety } = besideLimits(edges, candidate, limits);
    least = { harm: Math.min(least.harm, isElsewhere + harm), safety: Math.min(least.safety, isElsewhere + safety) };
  }
  return least;
}

/** The most that is allowed beside a live quantile of so many milliseconds. */
function allowed({ maxRegressionPercent = 0, maxRegressionAbsolute = 0 }: LatencyGate, live: number): number {
  return Math.max(live * (1 + maxRegressionPercent / 100), live + maxRegressionAbsolute);
}

function samplesNeeded(gate: LatencyGate, evidence: TrafficEvidence): number | undefined {
  const step = currentStep(evidence);
  const baseline = lastTimed(evidence);
  const seen = countAbove(step.candidate.latency, -1);
  if (seen === 0) return fewestLatencySamples(gate);
  const grown = (totals: RequestTotals, factor: number): RequestTotals => ({
    ...totals,
    latency: totals.latency.map((count) => count * factor),
  });
  return smallestWhole((n) => {
    const factor = n / seen;
    const goesOn: TrafficStep = {
      share: step.share,
      candidate: grown(step.candidate, factor),
      stable: step.share === 1 ? baseline : grown(step.stable, factor),
    };
    const before = step.share === 1 ? [{ ...goesOn, share: 0.5 }] : [];
    return (
      weighThresholds(thresholdsOf(gate), { steps: [...before, goesOn], plannedSteps: 2 }, isTimed).safety >=
      neededEvidence(gate.confidence)
    );
  });
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
  const live = baseline === undefined ? 'live (no requests yet)' : `live ${figure(baseline)} ms`;
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
  Fail: (said: Said) =>
    advise(`${seen(said)} against ${limits(said)}.`, 'Publish a faster version, or raise server.resources.cpu.'),
  Inconclusive: (said: Said) => advise(`${seen(said)} against ${limits(said)}: undecided.`, whatDecides(said.nNeeded)),
} as const;
