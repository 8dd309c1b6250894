// Whether a classifier is right as often as it says: expected calibration error.
import { requireProbability, requireWhole } from './argument.ts';

/** One prediction per index: the probability given to the predicted class, and whether that class was right. */
export type Predictions = {
  readonly probabilities: ArrayLike<number>;
  readonly correct: ArrayLike<number | boolean>;
  /** Number of equal-width bins of [0, 1]; 10 or 15 are usual. */
  readonly bins: number;
};

/** Predictions whose probability lies in [lower, upper), the last bin including 1; the means of an empty bin are null. */
export type CalibrationBin = {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  readonly meanProbability: number | null;
  readonly accuracy: number | null;
};

/** `error` in [0, 1]: 0 is perfect. */
export type Calibration = { readonly error: number; readonly bins: readonly CalibrationBin[] };

/**
 * Expected calibration error: |accuracy - mean probability| per bin, weighted by the bin's share of the predictions
 * (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017, equation 3).
 */
export function expectedCalibrationError({ probabilities, correct, bins }: Predictions): Calibration {
  requireWhole('bins', bins, 1);
  const total = probabilities.length;
  requireWhole('the length of probabilities', total, 1);
  if (correct.length !== total) throw new RangeError(`correct must hold ${total} values, not ${correct.length}`);
  const sums = Array.from({ length: bins }, () => ({ count: 0, probability: 0, correct: 0 }));
  for (let index = 0; index < total; index++) {
    const probability = probabilities[index] ?? Number.NaN;
    requireProbability(`probabilities[${index}]`, probability);
    const sum = sums[Math.min(bins - 1, Math.floor(probability * bins))];
    if (sum === undefined) continue;
    sum.count += 1;
    sum.probability += probability;
    sum.correct += Number(correct[index]);
  }
  const gaps = sums.map((sum) => Math.abs(sum.correct - sum.probability));
  return {
    error: gaps.reduce((sum, gap) => sum + gap, 0) / total,
    bins: sums.map(({ count, probability, correct: right }, index) => ({
      lower: index / bins,
      upper: (index + 1) / bins,
      count,
      meanProbability: count === 0 ? null : probability / count,
      accuracy: count === 0 ? null : right / count,
    })),
  };
}
