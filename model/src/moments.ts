// Mean, deviation and quantiles of the numbers that are present, with the same result on every machine.

export type Moments = { readonly mean: number; readonly deviation: number; readonly count: number };

/**
 * Mean and population standard deviation (two passes) of the values that are not NaN. The deviation of constant
 * values is 1, so that standardising them gives 0 and never divides by zero; values that differ at all are not constant.
 */
export function momentsOf(values: ArrayLike<number>): Moments {
  const { minimum, maximum } = rangeOf(values);
  const { sum, count } = sumPresent(values, (value) => value);
  if (count === 0) return { mean: 0, deviation: 1, count };
  if (minimum === maximum) return { mean: minimum, deviation: 1, count };
  const mean = Number.isFinite(sum) ? sum / count : sumPresent(values, (value) => value / count).sum;
  return { mean, deviation: deviationFrom(mean, values, count), count };
}

/** Squares of very small or large distances leave the range of a double: these are measured in the largest distance. */
function deviationFrom(mean: number, values: ArrayLike<number>, count: number): number {
  const variance = sumPresent(values, (value) => (value - mean) ** 2).sum / count;
  if (variance > smallestVariance && Number.isFinite(variance)) return Math.sqrt(variance);
  const { minimum, maximum } = rangeOf(values);
  const largest = Math.max(maximum / 2 - mean / 2, mean / 2 - minimum / 2) * 2;
  if (!Number.isFinite(largest)) return Number.MAX_VALUE;
  return largest * Math.sqrt(sumPresent(values, (value) => ((value - mean) / largest) ** 2).sum / count);
}

/** Below it squares lose digits. */
const smallestVariance = 1e-290;

function rangeOf(values: ArrayLike<number>): { minimum: number; maximum: number } {
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return { minimum, maximum };
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
