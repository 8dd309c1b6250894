// Whether a classifier is right as often as it says: expected calibration error.
import { requireOpenProbability, requireProbability, requireWhole } from './argument.ts';
import type { Estimate } from './interval.ts';
import { normalCritical } from './normal.ts';

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

/**
 * Interval of the calibration error that all rows of the kind would have in the same bins. The estimate lies too high,
 * the more so the fewer rows: noise is counted in every bin, whichever way it goes. The upper end needs no correction;
 * the lower end gives way to the noise of all bins whose gap is not clearly there, as if they had none (in the manner of
 * Andrews and Soares 2010). So a calibrated model's interval reaches down to 0.
 */
export function calibrationInterval(predictions: Predictions, confidence: number): Estimate {
  requireOpenProbability('confidence', confidence);
  const { error: value, bins } = expectedCalibrationError(predictions);
  const total = predictions.probabilities.length;
  let [all, certain, uncertain, bias] = [0, 0, 0, 0];
  for (const { count, meanProbability, accuracy } of bins) {
    if (meanProbability === null || accuracy === null) continue;
    const variance = (count * hitVariance(count, meanProbability, accuracy)) / total ** 2;
    all += variance;
    if ((count * Math.abs(accuracy - meanProbability)) / total > clearGap * Math.sqrt(variance)) certain += variance;
    else {
      uncertain += variance * (1 - 2 / Math.PI);
      bias += Math.sqrt((variance * 2) / Math.PI);
    }
  }
  const critical = normalCritical(confidence);
  const lower = Math.max(0, value - bias - critical * Math.sqrt(certain + uncertain));
  return { value, lower, upper: Math.min(1, value + critical * Math.sqrt(all)) };
}

/** A gap of so many standard errors has its sign by more than chance, in any of some dozen bins. */
const clearGap = 3;

/** Variance of one row's hit: what the model says of itself, or what two more hits and misses would show, if more. */
function hitVariance(count: number, meanProbability: number, accuracy: number): number {
  const share = (count * accuracy + 2) / (count + 4);
  return Math.max(meanProbability * (1 - meanProbability), (accuracy * (1 - accuracy) + share * (1 - share)) / 2);
}
