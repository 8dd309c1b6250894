// Mean, deviation and quantiles of the numbers that are present, with the same result on every machine.

export type Moments = { readonly mean: number; readonly deviation: number; readonly count: number };

/** Below this share of the mean's size a deviation is rounding noise, and the values count as constant. */
const noiseShare = 1e-12;

/**
 * Mean and population standard deviation (two passes) of the values that are not NaN. The deviation of constant
 * values is 1, so that standardising them gives 0 and never divides by zero.
 */
export function momentsOf(values: ArrayLike<number>): Moments {
  const { sum, count } = sumPresent(values, (value) => value);
  if (count === 0) return { mean: 0, deviation: 1, count };
  const mean = sum / count;
  const deviation = Math.sqrt(sumPresent(values, (value) => (value - mean) ** 2).sum / count);
  return { mean, deviation: deviation > Math.abs(mean) * noiseShare ? deviation : 1, count };
}

function sumPresent(values: ArrayLike<number>, term: (value: number) => number): { sum: number; count: number } {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    sum += term(value);
    count++;
  }
  return { sum, count };
}

/** The values that are not NaN, ascending. */
export function sortPresent(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

/** Median of ascending values: the middle one, or the mean of the two middle ones. There is at least one value. */
export function medianOf(sorted: Float64Array): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return lower / 2 + upper / 2;
}
