// Compares two models on the same rows: only the rows on which exactly one of them is right say anything.
import { requireWhole } from './argument.ts';
import { binomialLowerTail, binomialMass, binomialQuantile, binomialUpperTail } from './binomial.ts';
import { clopperPearsonInterval } from './clopper-pearson.ts';

/** Outcome of a candidate against a stable model on the same `pairs` rows. */
export type PairedOutcome = {
  /** Rows on which only the candidate is right. */
  readonly wins: number;
  /** Rows on which only the stable model is right. */
  readonly losses: number;
  readonly pairs: number;
  /** Loss of accuracy that is still acceptable, as a fraction, 0 <= margin < 1. */
  readonly margin: number;
};

/** Chance that the nuisance parameter lies outside the set searched; it is added to the p-value. */
const outside = 1e-4;
const gridSteps = 50;

/** Two-sided exact p-value that both models are equally accurate (McNemar 1947 with binomial tails): 1 without discordant rows. */
export function mcnemarTest(wins: number, losses: number): number {
  requireWhole('wins', wins, 0);
  requireWhole('losses', losses, 0);
  return Math.min(1, 2 * binomialLowerTail(Math.min(wins, losses), wins + losses, 0.5));
}

/**
 * One-sided p-value of "the candidate's accuracy is lower than the stable model's by `margin` or more"; small means
 * non-inferior. The probability of a difference at least as favourable is maximised over the unknown share of
 * discordant rows within its exact interval (Berger & Boos 1994), which keeps the stated level at every sample size.
 * The maximum is sought on a grid of 51 shares. Costs about 50 · sqrt(pairs) binomial tails.
 */
export function nonInferiorityTest(outcome: PairedOutcome): number {
  const { wins, losses, margin } = requireOutcome(outcome);
  // A difference of `margin` needs at least as many discordant rows.
  return largestChance(outcome, { least: margin, lead: wins - losses, difference: () => -margin });
}

/**
 * One-sided p-value of "the candidate's accuracy is lower by `margin` at most"; small means that it is worse than
 * acceptable. The same method, from the other side.
 */
export function inferiorityTest(outcome: PairedOutcome): number {
  const { wins, losses, margin } = requireOutcome(outcome);
  return largestChance(outcome, { least: 0, lead: losses - wins, difference: (share) => Math.min(margin, share) });
}

function requireOutcome(outcome: PairedOutcome): PairedOutcome {
  const { wins, losses, pairs, margin } = outcome;
  requireWhole('wins', wins, 0);
  requireWhole('losses', losses, 0);
  requireWhole('pairs', pairs, Math.max(1, wins + losses));
  if (!(margin >= 0 && margin < 1)) throw new RangeError(`margin must lie in [0, 1), not ${margin}`);
  return outcome;
}

/** The edge of a hypothesis: the true difference, for each share of discordant rows from `least` on. */
type Edge = {
  readonly least: number;
  /** Rows by which one model leads, at least which is surprising. */
  readonly lead: number;
  /** Its true lead as a share of all rows. */
  difference(share: number): number;
};

function largestChance({ wins, losses, pairs }: PairedOutcome, { least, lead, difference }: Edge): number {
  const discordant = clopperPearsonInterval(wins + losses, pairs, 1 - outside);
  const lowest = Math.max(least, discordant.lower);
  if (discordant.upper < lowest) return outside;
  let largest = 0;
  for (let step = 0; step <= gridSteps; step++) {
    const share = lowest + ((discordant.upper - lowest) * step) / gridSteps;
    largest = Math.max(largest, chanceOfLead({ lead, pairs, share, difference: difference(share) }));
  }
  return Math.min(1, largest + outside);
}

type Hypothesis = {
  readonly lead: number;
  readonly pairs: number;
  /** Assumed share of discordant rows, at least |difference|. */
  readonly share: number;
  readonly difference: number;
};

/** P(lead of one model >= lead) when its true lead, as a share of all rows, is exactly `difference`. */
function chanceOfLead({ lead, pairs, share, difference }: Hypothesis): number {
  if (share === 0) return lead <= 0 ? 1 : 0;
  const winShare = (share + difference) / (2 * share);
  const negligible = 1e-10;
  const last = binomialQuantile(1 - negligible, pairs, share);
  let chance = 0;
  for (let rows = binomialQuantile(negligible, pairs, share); rows <= last; rows++) {
    const winsNeeded = Math.ceil((rows + lead) / 2);
    chance += binomialMass(rows, pairs, share) * binomialUpperTail(winsNeeded, rows, winShare);
  }
  return chance;
}
