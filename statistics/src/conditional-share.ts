// Compares the error rates of two revisions between which requests are shared at random, and one rate with a limit:
// evidence that may be looked at after every request, and that depends on totals only.
import { requireProbability } from './argument.ts';
import type { Proportion } from './interval.ts';

/** What is known of one stretch of time in which the share did not change. */
export type SharedTraffic = {
  readonly candidate: Proportion;
  readonly stable: Proportion;
  /** Chance that a request went to the candidate, 0 < share < 1. */
  readonly share: number;
  /** By how much the candidate's rate may exceed the stable one's, in [0, 1). */
  readonly margin: number;
};

/**
 * Natural logarithms of two e-values: under the hypothesis that each speaks against, its expectation is at most 1 at
 * every look, so it ever reaches log(1 / α) with a chance of at most α (Ville's inequality).
 */
export type Evidence = {
  /** Against "the candidate's rate is at most what is allowed". */
  readonly harm: number;
  /** Against "the candidate's rate is at least what is allowed". */
  readonly safety: number;
};

/** No request, no evidence. */
export const noEvidence: Evidence = { harm: 0, safety: 0 };

/** Ratios of the candidate's rate to the allowed one that the evidence of harm is looked for at. */
const ratios = [1.3, 1.7, 2.2, 3, 4.5, 8, 20] as const;

/** Fractions of the largest bet, with weights that sum to 1. The largest bet is lost with the candidate's first error. */
const cautions: readonly (readonly [fraction: number, weight: number])[] = [
  [1, 0.4],
  ...[0.8, 0.6, 0.45, 0.33, 0.24, 0.17, 0.12, 0.08, 0.05, 0.03].map((fraction) => [fraction, 0.06] as const),
];

/**
 * Evidence on `candidate rate - stable rate` against `margin`.
 *
 * With A = 1 for the candidate's requests and Y = 1 for errors, A (Y - margin) / share - (1 - A) Y / (1 - share) has the
 * mean `rate difference - margin` whatever the rates are, also when both drift together. A bet of size λ on its sign
 * multiplies by 1 + λ · that value, which is a likelihood ratio of mean 1 at the margin; bets of several sizes are
 * averaged (Robbins 1970; Waudby-Smith & Ramdas 2024). With margin 0 only errors count, and the bets are the binomial
 * likelihood ratios of "the next error is the candidate's" against its share of requests.
 *
 * It is taken at the share given and at the share counted, and the weaker evidence holds: uneven routing proves nothing.
 */
export function sharedEvidence({ candidate, stable, share, margin }: SharedTraffic): Evidence {
  requireShare(share);
  requireMargin(margin);
  requireCounts('candidate', candidate);
  requireCounts('stable', stable);
  if (candidate.trials === 0 || stable.trials === 0) return noEvidence;
  const at = (anyShare: number) => weighBets(betsOf(anyShare, margin), candidate, stable.successes);
  const given = at(share);
  const counted = at(candidate.trials / (candidate.trials + stable.trials));
  return { harm: Math.min(given.harm, counted.harm), safety: Math.min(given.safety, counted.safety) };
}

/** Evidence on one rate against `limit` in [0, 1): binomial likelihood ratios, averaged in the same way. */
export const rateEvidence = (rate: Proportion, limit: number): Evidence => rateTest(limit)(rate);

/** The same for many counts against one limit. */
export function rateTest(limit: number): (rate: Proportion) => Evidence {
  requireMargin(limit);
  const bets = betsOf(1, limit);
  return (rate) => {
    requireCounts('rate', rate);
    return weighBets(bets, rate, 0);
  };
}

/**
 * Logarithm of the evidence of harm over consecutive steps, each with an e-value of its own. Harm may begin in any step
 * (with the load): the first step has the weight 0.8, those after it share the rest, and a step's evidence is multiplied
 * by that of every later one.
 * @param logs one logarithm per step so far; at least one. @param steps how many there can be in all.
 */
export function stepsEvidence(logs: readonly number[], steps: number): number {
  if (steps <= 1 || logs.length === 0) return sum(logs);
  const first = 0.8;
  const later = (1 - first) / (steps - 1);
  const fromStep = logs.map((_, index) => Math.log(index === 0 ? first : later) + sum(logs.slice(index)));
  const untouched = (steps - logs.length) * later;
  return logSumExp(untouched > 0 ? [...fromStep, Math.log(untouched)] : fromStep);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** What one bet adds to the logarithm, per request or error. */
type Bet = {
  readonly onError: number;
  readonly onSuccess: number;
  readonly onStableError: number;
  /** Logarithm of its weight among the bets of its kind. */
  readonly weight: number;
};

type Bets = { readonly harm: readonly Bet[]; readonly safety: readonly Bet[] };

function betsOf(share: number, margin: number): Bets {
  const odds = share === 1 ? 0 : share / (1 - share);
  // Beyond these sizes a bet could lose more than everything.
  const inverseLargest = Math.max(margin, odds);
  const bet = (size: number, weight: number): Bet => ({
    onError: Math.log1p(size * (1 - margin)),
    onSuccess: Math.log1p(-size * margin),
    onStableError: Math.log1p(-size * odds),
    weight: Math.log(weight),
  });
  return {
    harm: ratios.map((ratio) => bet((ratio - 1) / (1 + (ratio - 1) * inverseLargest), 1 / ratios.length)),
    safety: cautions.map(([fraction, weight]) => bet(-fraction / (1 - margin), weight)),
  };
}

const weighBets = (bets: Bets, candidate: Proportion, stableErrors: number): Evidence => ({
  harm: logMeanOf(bets.harm, candidate, stableErrors),
  safety: logMeanOf(bets.safety, candidate, stableErrors),
});

function logMeanOf(bets: readonly Bet[], { successes, trials }: Proportion, stableErrors: number): number {
  const logs: number[] = [];
  for (const { onError, onSuccess, onStableError, weight } of bets) {
    const onCandidate = times(successes, onError) + times(trials - successes, onSuccess);
    logs.push(weight + onCandidate + times(stableErrors, onStableError));
  }
  return logSumExp(logs);
}

/** 0 · -Infinity is no loss. */
const times = (count: number, logarithm: number) => (count === 0 ? 0 : count * logarithm);

function logSumExp(logs: readonly number[]): number {
  let largest = -Infinity;
  for (const log of logs) if (log > largest) largest = log;
  if (largest === -Infinity) return -Infinity;
  let total = 0;
  for (const log of logs) total += Math.exp(log - largest);
  return largest + Math.log(total);
}

function requireShare(share: number): void {
  if (!(share > 0 && share < 1)) throw new RangeError(`share must lie between 0 and 1, both excluded, not ${share}`);
}

function requireMargin(margin: number): void {
  requireProbability('margin', margin);
  if (margin === 1) throw new RangeError('margin must be below 1: a rate is never above it');
}

/** Counts may be fractional: projections are. */
function requireCounts(name: string, { successes, trials }: Proportion): void {
  if (!(successes >= 0 && successes <= trials && trials < Infinity)) {
    throw new RangeError(`${name} must count 0 <= successes <= trials, not ${successes} of ${trials}`);
  }
}
