// Draws test sets of one kind, evaluates them as the trainer does, and counts how often the intervals hold the truth.
import type { BundleMetric } from '@sluice/model/manifest.ts';
import { evaluateClassification, evaluateRegression } from '@sluice/model/metrics.ts';
import { createRandom, type Random, uniformInt } from '@sluice/statistics/random.ts';
import { type ClassShape, drawClass, normal, type Shape, type ValueShape } from './shapes.ts';

/** One metric of one kind of test set at one size. */
export type Coverage = {
  readonly shape: string;
  readonly rows: number;
  readonly metric: string;
  readonly truth: number;
  readonly runs: number;
  /** Runs that had an interval. */
  readonly shown: number;
  /** Of those, runs whose interval holds the truth. */
  readonly held: number;
};

export type Plan = { readonly rows: number; readonly runs: number; readonly seed: number };

const setting = { split: 'test', baseline: 0 } as const;

/** A law from which test sets are drawn, and the metrics that it has itself. */
export type Law = {
  readonly name: string;
  readonly truths: ReadonlyMap<string, number>;
  draw(rows: number, random: Random): readonly BundleMetric[];
};

/**
 * The law of a shape. Classes are drawn from a pool of `rows` rows, whose own metrics are exactly the truth; errors are
 * drawn afresh, and the truth is that of as many rows.
 */
export function lawOf(shape: Shape, rows: number): Law {
  const random = createRandom(0, 1);
  if (shape.type === 'Values') {
    return lawWith(shape.name, drawValues(shape, rows, random), (few, stream) => drawValues(shape, few, stream));
  }
  const pool = drawPool(shape, rows, random);
  return lawWith(shape.name, pool.evaluate(Int32Array.from({ length: rows }, (_, row) => row)), (few, stream) =>
    pool.evaluate(Int32Array.from({ length: few }, () => uniformInt(stream, rows))),
  );
}

const lawWith = (name: string, whole: readonly BundleMetric[], draw: Law['draw']): Law => ({
  ...{ name, draw },
  truths: new Map(whole.map((metric) => [metric.name, metric.value])),
});

export function measureCoverage({ name: shape, truths, draw }: Law, plan: Plan): Coverage[] {
  const counts = new Map([...truths.keys()].map((name) => [name, { runs: 0, shown: 0, held: 0 }]));
  const random = createRandom(plan.seed, plan.rows);
  for (let run = 0; run < plan.runs; run++) {
    for (const { name, lower, upper } of draw(plan.rows, random)) {
      const count = counts.get(name);
      const truth = truths.get(name) ?? Number.NaN;
      if (count === undefined) continue;
      count.runs++;
      if (lower === undefined || upper === undefined) continue;
      count.shown++;
      if (lower <= truth && truth <= upper) count.held++;
    }
  }
  const common = { shape, rows: plan.rows };
  return [...counts].map(([metric, count]) => ({
    ...common,
    metric,
    truth: truths.get(metric) ?? Number.NaN,
    ...count,
  }));
}

/** Rows of a classifier, any choice of which can be evaluated. */
function drawPool(shape: ClassShape, rows: number, random: Random) {
  const classes = shape.lean.map((_, index) => `${index}`);
  const probabilities = new Float32Array(rows * classes.length);
  const ofRow = (row: number) => probabilities.subarray(row * classes.length, (row + 1) * classes.length);
  const actual = Int32Array.from({ length: rows }, (_, row) => drawClass(shape, random, ofRow(row)));
  return {
    evaluate(chosen: Int32Array): readonly BundleMetric[] {
      const some = new Float32Array(chosen.length * classes.length);
      for (const [place, row] of chosen.entries()) some.set(ofRow(row), place * classes.length);
      const actualOf = chosen.map((row) => actual[row] ?? 0);
      return evaluateClassification({ ...setting, classes, actual: actualOf, probabilities: some }).metrics;
    },
  };
}

function drawValues({ error }: ValueShape, rows: number, random: Random): readonly BundleMetric[] {
  const predicted = Float64Array.from({ length: rows }, () => 2 * normal(random));
  const actual = predicted.map((value) => value - error(random));
  return evaluateRegression({ ...setting, actual, predicted }).metrics;
}
