// Judges what both revisions answered to the same labelled rows, before the candidate gets any traffic.
import { binomialUpperTail } from '@sluice/statistics/binomial.ts';
import type { Estimate } from '@sluice/statistics/interval.ts';
import { inferiorityTest, nonInferiorityTest } from '@sluice/statistics/mcnemar.ts';
import { smallestWhole } from '@sluice/statistics/smallest.ts';
import { wilsonInterval } from '@sluice/statistics/wilson.ts';
import { type AnswerFaults, judgeFaults, tooFewRows } from './answer-faults.ts';
import { advise, figure, type GateVerdict, giveError, giveVerdict, percent, type Verdict } from './verdict.ts';

export type EvaluationGate = {
  readonly name: string;
  readonly metric: string;
  /** In (0, 1), e.g. 0.95. */
  readonly confidence: number;
  /** Smallest value; for metrics of which less is better, use `max`. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** How much worse than the live revision the candidate may be, in the metric's unit. */
  readonly maxRegression?: number | undefined;
  /** The candidate's ModelVersion, for people. */
  readonly version: string;
};

/** Rows by who is right. */
export type PairedRows = {
  readonly type: 'Paired';
  readonly bothRight: number;
  readonly onlyCandidate: number;
  readonly onlyStable: number;
  readonly bothWrong: number;
};

/** Rows of a candidate that has no live revision beside it. */
export type SingleRows = { readonly type: 'Single'; readonly right: number; readonly wrong: number };

/** A metric that is no share of rows, with two-sided intervals at the gate's confidence. */
export type MetricRows = {
  readonly type: 'Metric';
  readonly rows: number;
  readonly better: 'Higher' | 'Lower';
  readonly candidate: Estimate;
  readonly stable?: Estimate | undefined;
  /** Candidate minus stable over the same rows, as pairs. */
  readonly difference?: Estimate | undefined;
};

/** Fewer rows than a metric has an interval for. */
export type TooFewRows = { readonly type: 'TooFew' };

export type EvaluationEvidence = (PairedRows | SingleRows | MetricRows | TooFewRows) & {
  /** Rows of the dataset. */
  readonly asked: number;
  /** What was wrong with the answers of each revision. */
  readonly faults: { readonly candidate: AnswerFaults; readonly stable: AnswerFaults };
};

type Judged = Exclude<EvaluationEvidence, TooFewRows>;

/** One threshold's part of the verdict. */
type Part = { readonly verdict: Verdict; readonly said: string };

/**
 * Every threshold must hold. A value threshold is missed when the estimate misses it: the data set is pinned, and more
 * rows will not come; it holds when the rows are enough to show it. A regression is judged by exact paired tests in both
 * directions, and is undecided in between. Without a live revision a regression threshold cannot be judged.
 */
export function judgeEvaluation(gate: EvaluationGate, evidence: EvaluationEvidence): GateVerdict {
  const fault = judgeFaults(gate, evidence);
  if (fault) return fault;
  if (evidence.type === 'TooFew') return tooFewRows(gate, evidence.faults.stable);
  const seen = describe(evidence, gate.confidence);
  if (seen.rows === 0)
    return giveError(
      gate.name,
      `The dataset has no rows: name one with labelled rows in gates[${gate.name}].evaluation.dataset.`,
    );
  const parts = [...valueParts(gate, evidence, seen.candidate), ...regressionParts(gate, evidence)];
  const verdict = worst(parts);
  const nNeeded = evidence.type === 'Metric' ? undefined : fewestRows(gate);
  const { nonFinite } = evidence.faults.candidate;
  const broken = nonFinite === 0 ? '' : ` (${nonFinite} NaN)`;
  const estimate = `${gate.metric} ${figure(seen.candidate.value)} of ${seen.rows} rows${broken}`;
  const message = messages[verdict]({ estimate, parts, gate, nNeeded });
  return giveVerdict(
    { name: gate.name, verdict, n: seen.rows, method: methods[evidence.type], message },
    {
      estimate: seen.candidate.value,
      lower: seen.candidate.lower,
      upper: seen.candidate.upper,
      baseline: seen.baseline,
      nNeeded,
    },
  );
}

/** The fewest rows with which accuracy thresholds can be met: all right, and no row on which the revisions differ. */
export function fewestRows({ min, maxRegression, confidence }: EvaluationGate): number | undefined {
  const level = 1 - confidence;
  return smallestWhole(
    (rows) =>
      (min === undefined || binomialUpperTail(rows, rows, min) <= level) &&
      (maxRegression === undefined ||
        nonInferiorityTest({ wins: 0, losses: 0, pairs: rows, margin: maxRegression }) <= level),
    65_536,
  );
}

const methods = {
  Paired: 'exact binomial; exact paired test (Berger and Boos)',
  Single: 'exact binomial',
  Metric: 't interval of the errors, row by row',
} as const;

const worst = (parts: readonly Part[]): Verdict =>
  (['Fail', 'Inconclusive'] as const).find((verdict) => parts.some((part) => part.verdict === verdict)) ??
  (parts.length === 0 ? 'Inconclusive' : 'Pass');

function describe(evidence: Judged, confidence: number) {
  if (evidence.type === 'Metric') {
    return { rows: evidence.rows, candidate: evidence.candidate, baseline: evidence.stable?.value };
  }
  const { right, rows, stableRight } = countRight(evidence);
  const candidate = rows === 0 ? { value: 0, lower: 0, upper: 1 } : wilsonInterval(right, rows, confidence);
  return { rows, candidate, baseline: stableRight === undefined ? undefined : stableRight / rows };
}

function countRight(evidence: PairedRows | SingleRows) {
  if (evidence.type === 'Single') return { right: evidence.right, rows: evidence.right + evidence.wrong };
  const { bothRight, onlyCandidate, onlyStable, bothWrong } = evidence;
  return {
    right: bothRight + onlyCandidate,
    rows: bothRight + onlyCandidate + onlyStable + bothWrong,
    stableRight: bothRight + onlyStable,
  };
}

function valueParts(gate: EvaluationGate, evidence: Judged, candidate: Estimate): Part[] {
  const level = 1 - gate.confidence;
  const parts: Part[] = [];
  const judge = (misses: boolean, isShown: boolean, said: string) =>
    parts.push({ verdict: misses ? 'Fail' : isShown ? 'Pass' : 'Inconclusive', said });
  if (gate.min !== undefined) {
    const isShown = evidence.type === 'Metric' ? candidate.lower >= gate.min : shareIsAbove(evidence, gate.min, level);
    judge(candidate.value < gate.min, isShown, `min ${gate.min}`);
  }
  if (gate.max !== undefined) judge(candidate.value > gate.max, candidate.upper <= gate.max, `max ${gate.max}`);
  return parts;
}

function shareIsAbove(evidence: PairedRows | SingleRows, min: number, level: number): boolean {
  const { right, rows } = countRight(evidence);
  return min <= 0 || (min < 1 && binomialUpperTail(right, rows, min) <= level);
}

function regressionParts(gate: EvaluationGate, evidence: Judged): Part[] {
  const { maxRegression, confidence } = gate;
  if (maxRegression === undefined) return [];
  const said = (baseline: number | undefined) =>
    baseline === undefined
      ? 'a live revision, which is missing'
      : `live ${figure(baseline)} with a loss of ${maxRegression}`;
  if (evidence.type === 'Single' || (evidence.type === 'Metric' && evidence.difference === undefined)) {
    return [{ verdict: 'Inconclusive', said: said(undefined) }];
  }
  const verdict =
    evidence.type === 'Paired'
      ? pairedVerdict(evidence, { maxRegression, level: 1 - confidence })
      : metricVerdict(evidence, maxRegression);
  return [{ verdict, said: said(describe(evidence, confidence).baseline) }];
}

function pairedVerdict(rows: PairedRows, { maxRegression, level }: { maxRegression: number; level: number }): Verdict {
  const pairs = countRight(rows).rows;
  const outcome = { wins: rows.onlyCandidate, losses: rows.onlyStable, pairs, margin: maxRegression };
  if (nonInferiorityTest(outcome) <= level) return 'Pass';
  return inferiorityTest(outcome) <= level ? 'Fail' : 'Inconclusive';
}

function metricVerdict({ difference, better }: MetricRows, maxRegression: number): Verdict {
  if (difference === undefined) return 'Inconclusive';
  const loss =
    better === 'Higher'
      ? { least: -difference.upper, most: -difference.lower }
      : { least: difference.lower, most: difference.upper };
  if (loss.most <= maxRegression) return 'Pass';
  return loss.least > maxRegression ? 'Fail' : 'Inconclusive';
}

type Said = {
  readonly estimate: string;
  readonly parts: readonly Part[];
  readonly gate: EvaluationGate;
  readonly nNeeded: number | undefined;
};

/** The same rows give the same verdict again: only another version or another gate helps. */
const betterVersion = ({ name, version }: EvaluationGate) =>
  `See metrics of ModelVersion ${version}; publish a better one, or change gates[${name}] and retryToken.`;

const against = (parts: readonly Part[]) => parts.map(({ said }) => said).join(' and ');
const only = (verdict: Verdict, { parts }: Said) => against(parts.filter((part) => part.verdict === verdict));

const messages = {
  Pass: (said: Said) => `${said.estimate} holds ${against(said.parts)} at ${percent(said.gate.confidence)} confidence.`,
  Fail: (said: Said) => advise(`${said.estimate} misses ${only('Fail', said)}.`, betterVersion(said.gate)),
  Inconclusive: (said: Said) =>
    said.parts.length === 0
      ? `${said.estimate}: the gate has no threshold. Set min or maxRegression.`
      : `${said.estimate} neither shows nor refutes ${only('Inconclusive', said)}. Use ${said.nNeeded === undefined ? 'more rows' : `more rows (at least ${said.nNeeded})`}, or allow more.`,
  Error: (said: Said) => said.estimate,
} as const;
