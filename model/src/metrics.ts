// Measures a model on rows it never saw: each quality with a 95 % confidence interval and the
// name of its method, or the reason why it has none.
import type { metricNames } from '@sluice/crds/fragments.ts';
import { aurocFewRowsInterval, aurocInterval } from '@sluice/statistics/auroc.ts';
import { calibrationInterval } from '@sluice/statistics/calibration.ts';
import { meanErrorInterval, rootMeanSquareInterval } from '@sluice/statistics/error-interval.ts';
import type { Estimate, WithoutInterval } from '@sluice/statistics/interval.ts';
import { rSquaredInterval } from '@sluice/statistics/r-squared.ts';
import { wilsonInterval } from '@sluice/statistics/wilson.ts';
import type { Column } from './columns.ts';
import { balancedAccuracy, type Confusion, countConfusion, macroAverage } from './confusion.ts';
import { DataError } from './data-error.ts';
import { type MacroQuality, macroInterval } from './macro-interval.ts';
import type { BundleMetric, FittedTarget } from './manifest.ts';
import {
  type ClassPredictions,
  calibrationBins,
  classificationReport,
  confidences,
  type Report,
  regressionReport,
  scoresOf,
} from './report.ts';
import { actualValues, classIndices, decodeOutput, mostProbable } from './target.ts';

type MetricName = (typeof metricNames)[number];
type Method = 'wilson' | 'delong' | 'newcombe' | 'log-delta-skewness' | 'half-normal-bins' | 'mover-wilson' | 'none';

export type Evaluation = { readonly metrics: BundleMetric[]; readonly report: Report };

/** What is common to all evaluations. */
type Setting = {
  readonly split: 'test' | 'validation';
  /** What needs no model, from `fitBaseline`: the index of the most frequent class, or the median. */
  readonly baseline: number;
};

const confidence = 0.95;

/** With fewer in one of two classes, the area's variance cannot be estimated from them. */
const manyRows = 500;

/** The smallest probability that counts in `log_loss`: single precision's step at 1, as in scikit-learn. */
const smallestProbability = 2 ** -23;

/**
 * Evaluates the network's output (see `decodeOutput`) for the rows whose targets are `actual`.
 * Metrics that the rows cannot give are left out: auroc unless there are two classes and both occur, r2 of a constant.
 * Throws DataError when there are fewer than two rows, or a class the model does not know.
 */
export function evaluate(
  input: Setting & { readonly target: FittedTarget; readonly actual: Column; readonly output: Float32Array },
): Evaluation {
  const { target, actual, output } = input;
  if (target.type === 'Classes') {
    const { classes } = target;
    return evaluateClassification({ ...input, classes, actual: classIndices(target, actual), probabilities: output });
  }
  const predicted = decodeOutput(target, output, actual.length).flatMap((tensor) =>
    tensor.name === 'value' ? [...tensor.data] : [],
  );
  return evaluateRegression({
    ...input,
    actual: actualValues(target, actual),
    predicted: Float64Array.from(predicted),
  });
}

/** Evaluates class probabilities [rows × classes] against the indices of the actual classes. */
export function evaluateClassification(input: Setting & Omit<ClassPredictions, 'predicted'>): Evaluation {
  const { actual, classes, probabilities } = input;
  refuseTooFew(actual.length);
  const predictions = { ...input, predicted: mostProbable(probabilities, classes.length) };
  const cells = countConfusion(actual, predictions.predicted, classes.length);
  return {
    metrics: [
      ...confusionMetrics(cells, input),
      ...aurocMetric(predictions),
      metric('log_loss', 'log-delta-skewness', meanErrorInterval(logLosses(predictions), confidence), input),
      metric(
        'calibration_error',
        'half-normal-bins',
        calibrationInterval({ ...confidences(predictions), bins: calibrationBins }, confidence),
        input,
      ),
    ].map((one) => ({ ...one, n: actual.length })),
    report: classificationReport(predictions, cells),
  };
}

function confusionMetrics(cells: Confusion, setting: Setting): Unsized[] {
  const classes = Math.sqrt(cells.length);
  const sum = (keep: (cell: number) => boolean) =>
    cells.reduce((total, count, cell) => total + (keep(cell) ? count : 0), 0);
  const rows = sum(() => true);
  const hits = sum((cell) => cell % (classes + 1) === 0);
  const baselineHits = sum((cell) => Math.floor(cell / classes) === setting.baseline);
  const macro = (name: MetricName, quality: MacroQuality, value: number) =>
    metric(name, 'mover-wilson', macroInterval(cells, { quality, value, confidence }), setting);
  return [
    metric('accuracy', 'wilson', wilsonInterval(hits, rows, confidence), setting),
    macro('balanced_accuracy', 'recall', balancedAccuracy(cells)),
    metric('baseline_accuracy', 'wilson', wilsonInterval(baselineHits, rows, confidence), setting),
    macro('precision_macro', 'precision', macroAverage(cells, 'precision')),
    macro('recall_macro', 'recall', macroAverage(cells, 'recall')),
    macro('f1_macro', 'f1', macroAverage(cells, 'f1')),
  ];
}

/** Of two classes the second is the positive one. */
function aurocMetric(predictions: ClassPredictions & Setting): Unsized[] {
  const { actual, classes } = predictions;
  const scores = scoresOf(predictions, 1);
  const positives = scores.filter((_, row) => actual[row] === 1);
  const negatives = scores.filter((_, row) => actual[row] === 0);
  if (classes.length !== 2 || positives.length === 0 || negatives.length === 0) return [];
  const estimate = aurocInterval(positives, negatives, confidence);
  const sizes = { positives: positives.length, negatives: negatives.length };
  if (estimate.variance > 0 && Math.min(sizes.positives, sizes.negatives) >= manyRows) {
    return [metric('auroc', 'delong', estimate, predictions)];
  }
  return [metric('auroc', 'newcombe', aurocFewRowsInterval(estimate, sizes, confidence), predictions)];
}

function logLosses({ actual, classes, probabilities }: ClassPredictions): Float64Array {
  return Float64Array.from(actual, (index, row) => {
    return -Math.log(Math.max(smallestProbability, probabilities[row * classes.length + index] ?? 0));
  });
}

/** Evaluates predicted values, in the target's own unit. */
export function evaluateRegression(
  input: Setting & { readonly actual: Float64Array; readonly predicted: Float64Array },
): Evaluation {
  const { actual, predicted, split } = input;
  refuseTooFew(actual.length);
  const errors = actual.map((value, row) => (predicted[row] ?? Number.NaN) - value);
  const absolute = errors.map(Math.abs);
  const baseline = actual.map((value) => Math.abs(value - input.baseline));
  const varies = actual.some((value) => value !== actual[0]);
  return {
    metrics: [
      metric('mae', 'log-delta-skewness', meanErrorInterval(absolute, confidence), input),
      metric('rmse', 'log-delta-skewness', rootMeanSquareInterval(errors, confidence), input),
      ...(varies
        ? [metric('r2', 'log-delta-skewness', rSquaredInterval({ actual, predicted, confidence }), input)]
        : []),
      metric('baseline_mae', 'log-delta-skewness', meanErrorInterval(baseline, confidence), input),
    ].map((one) => ({ ...one, n: actual.length })),
    report: regressionReport(actual, predicted, split),
  };
}

type Unsized = Omit<BundleMetric, 'n'>;

function metric(name: MetricName, method: Method, estimate: Estimate | WithoutInterval, { split }: Setting): Unsized {
  return { name, split, ...estimate, method: 'noInterval' in estimate ? 'none' : method };
}

function refuseTooFew(rows: number): void {
  if (rows >= 2) return;
  throw new DataError(
    `spec.data.split: ${rows} rows to evaluate on, at least 2 are needed; raise testPercent or add rows`,
  );
}
