// Intervals of averages over classes (macro precision, recall, F1), in which a class of three rows weighs as much as one of
// three thousand: each class's own score interval, combined.
import type { Estimate, WithoutInterval } from '@sluice/statistics/interval.ts';
import { wilsonInterval } from '@sluice/statistics/wilson.ts';
import { type ClassQuality, type Confusion, classQualities } from './confusion.ts';

export type MacroQuality = 'precision' | 'recall' | 'f1';

/** A class with fewer rows behind its own figure leaves the average unbounded. */
const fewestRows = 5;

/** Rows behind the class's own figure. */
const rowsBehind: Readonly<Record<MacroQuality, (quality: ClassQuality, hits: number) => number>> = {
  precision: ({ predicted }) => predicted,
  recall: ({ support }) => support,
  f1: ({ support, predicted }, hits) => support + predicted - hits,
};

type ClassEstimate = Estimate & { readonly marginals: number; readonly deviation: number };

/**
 * `value` with its interval: Wilson's of each class, combined by the squares of their arms (Zou & Donner 2008, MOVER). Of
 * F1 the class's interval is that of hits / (hits + misses + false alarms), mapped, and the arms of two classes that are
 * taken for each other are correlated. Linear in the cells.
 * All classes must have rows: which classes an average is about may not depend on chance.
 */
export function macroInterval(
  cells: Confusion,
  { quality, value, confidence }: { quality: MacroQuality; value: number; confidence: number },
): Estimate | WithoutInterval {
  const qualities = classQualities(cells);
  const hits = (index: number) => cells[index * (qualities.length + 1)] ?? 0;
  const least = Math.min(...qualities.map((one, index) => rowsBehind[quality](one, hits(index))));
  if (least < fewestRows) {
    const what = quality === 'precision' ? 'predicted' : quality === 'recall' ? 'actual' : 'actual or predicted';
    return {
      value,
      noInterval: `a class has ${least} ${what} rows and weighs as much as any other; ${fewestRows} are needed`,
    };
  }
  const classes = qualities.map((one, index) => {
    const rows = rowsBehind[quality](one, hits(index));
    return estimateOf({ rows, hits: hits(index), quality }, confidence);
  });
  const arms = squaredArms(classes, quality === 'f1' ? cells : undefined);
  return {
    value,
    lower: Math.max(0, value - Math.sqrt(arms.lower) / classes.length),
    upper: Math.min(1, value + Math.sqrt(arms.upper) / classes.length),
  };
}

type ClassCounts = { readonly rows: number; readonly hits: number; readonly quality: MacroQuality };

function estimateOf({ rows, hits, quality }: ClassCounts, confidence: number): ClassEstimate {
  const { value, lower, upper } = wilsonInterval(hits, rows, confidence);
  const map = quality === 'f1' ? (share: number) => (2 * share) / (1 + share) : (share: number) => share;
  const marginals = rows + hits;
  const mapped = map(value);
  const variance = (4 * (1 - mapped) ** 2 * hits + mapped ** 2 * (rows - hits)) / marginals ** 2;
  return { value: mapped, lower: map(lower), upper: map(upper), marginals, deviation: Math.sqrt(variance) };
}

/** Sums of the classes' squared arms; with `cells`, of the products of arms of classes that share errors, too. */
function squaredArms(classes: readonly ClassEstimate[], cells: Confusion | undefined) {
  let [lower, upper] = [0, 0];
  classes.forEach((one, index) => {
    lower += (one.value - one.lower) ** 2;
    upper += (one.upper - one.value) ** 2;
    if (cells === undefined) return;
    for (let place = 0; place < index; place++) {
      const other = classes[place];
      if (other === undefined || one.deviation === 0 || other.deviation === 0) continue;
      const shared = (cells[index * classes.length + place] ?? 0) + (cells[place * classes.length + index] ?? 0);
      const covariance = (one.value * other.value * shared) / (one.marginals * other.marginals);
      const correlation = Math.min(1, covariance / (one.deviation * other.deviation));
      lower += 2 * correlation * (one.value - one.lower) * (other.value - other.lower);
      upper += 2 * correlation * (one.upper - one.value) * (other.upper - other.value);
    }
  });
  return { lower, upper };
}
