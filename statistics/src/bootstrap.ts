// Intervals of statistics without a formula of their own (macro-F1, precision, recall, R²): the percentile bootstrap.
import { requireOpenProbability, requireWhole } from './argument.ts';
import type { Estimate } from './interval.ts';
import { resampleCounts } from './multinomial.ts';
import { sortedQuantile } from './quantile.ts';
import { createRandom, type Random, uniformInt } from './random.ts';

/** How to resample: 1,000 resamples settle a 95 % interval to about a tenth of its width. */
export type Resampling = {
  readonly confidence: number;
  readonly resamples: number;
  /** Any whole number; the same seed gives the same interval. */
  readonly seed: number;
};

/** A statistic of the rows whose indices it is given; NaN where it is undefined. */
export type RowBootstrap = Resampling & {
  readonly rows: number;
  readonly statistic: (rows: Int32Array) => number;
};

/** A statistic of counts in cells (a flat confusion matrix); NaN where it is undefined. */
export type CountBootstrap = Resampling & {
  readonly counts: ArrayLike<number>;
  readonly statistic: (counts: Float64Array) => number;
};

/**
 * Percentile bootstrap over rows (Efron 1979; Efron & Tibshirani 1993, §13.3). The array given to `statistic` is used
 * again for the next resample. Resamples in which the statistic is NaN are left out, and the interval is widened to
 * the estimate where few rows put it outside.
 * @throws RangeError when the statistic is NaN on all rows.
 */
export function bootstrapRows({ rows, statistic, ...resampling }: RowBootstrap): Estimate {
  requireWhole('rows', rows, 1);
  const drawn = Int32Array.from({ length: rows }, (_, row) => row);
  const value = statistic(drawn);
  return percentileInterval(value, resampling, (random) => {
    for (let row = 0; row < rows; row++) drawn[row] = uniformInt(random, rows);
    return statistic(drawn);
  });
}

/**
 * The same bootstrap for a statistic that depends on the rows only through counts. Resampling rows makes the counts
 * multinomial, so they are drawn directly: 1,000 resamples of a 10 × 10 matrix take milliseconds, however many rows.
 */
export function bootstrapCounts({ counts, statistic, ...resampling }: CountBootstrap): Estimate {
  const drawn = Float64Array.from(counts);
  const value = statistic(drawn);
  return percentileInterval(value, resampling, (random) => {
    resampleCounts(random, counts, drawn);
    return statistic(drawn);
  });
}

function percentileInterval(value: number, resampling: Resampling, draw: (random: Random) => number): Estimate {
  const { confidence, resamples, seed } = resampling;
  requireOpenProbability('confidence', confidence);
  requireWhole('resamples', resamples, 1);
  if (!Number.isFinite(value)) throw new RangeError(`statistic must be finite on the whole sample, not ${value}`);
  const random = createRandom(seed);
  const drawn = Float64Array.from({ length: resamples }, () => draw(random));
  const defined = drawn.filter((statistic) => !Number.isNaN(statistic)).sort();
  if (defined.length === 0) return { value, lower: -Infinity, upper: Infinity };
  return {
    value,
    lower: Math.min(value, sortedQuantile(defined, (1 - confidence) / 2)),
    upper: Math.max(value, sortedQuantile(defined, (1 + confidence) / 2)),
  };
}
