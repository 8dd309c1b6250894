// Quantiles of what was measured.

/** The nearest-rank quantile `q` in (0, 1] of at least one value. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a quantile of nothing was asked for');
  return value;
}
