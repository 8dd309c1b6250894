// The evaluation report, `report.json` of a bundle: what a person wants to see beyond the metrics. It holds no times.
import { expectedCalibrationError } from '@sluice/statistics/calibration.ts';
import { type ClassQuality, type Confusion, classQualities } from './confusion.ts';
import { type Curves, curvesOf, thin } from './curves.ts';

/** The report's file in the bundle. */
export const reportFile = 'report.json';

/** Bins of equal width of the reliability diagram and of `calibration_error`. */
export const calibrationBins = 15;

/** With more classes than this the report has no curves. */
const maxCurveClasses = 20;

/** Most pairs of actual and predicted values in a report. */
const maxPairs = 200;

export type ClassificationReport = {
  readonly task: 'Classification';
  readonly split: 'test' | 'validation';
  readonly rows: number;
  readonly classes: readonly string[];
  /** Rows by actual class (outer) and predicted class (inner). */
  readonly confusion: number[][];
  readonly perClass: (ClassQuality & { readonly class: string })[];
  /** Each class against the rest; of two classes only the second. */
  readonly curves: (Curves & { readonly class: string })[];
  readonly calibration: ReturnType<typeof expectedCalibrationError>;
};

export type RegressionReport = {
  readonly task: 'Regression';
  readonly split: 'test' | 'validation';
  readonly rows: number;
  /** `[actual, predicted]` of rows at equal distances in the order of the actual value. */
  readonly pairs: [number, number][];
};

export type Report = ClassificationReport | RegressionReport;

/** What was predicted for rows whose class is known. `probabilities` is [rows × classes]. */
export type ClassPredictions = {
  readonly classes: readonly string[];
  readonly actual: Int32Array;
  readonly predicted: Int32Array;
  readonly probabilities: Float32Array;
  readonly split: 'test' | 'validation';
};

/** Builds the report of a classifier. */
export function classificationReport(predictions: ClassPredictions, cells: Confusion): ClassificationReport {
  const { classes, actual, split } = predictions;
  return {
    task: 'Classification',
    split,
    rows: actual.length,
    classes,
    confusion: classes.map((_, index) => [...cells.subarray(index * classes.length, (index + 1) * classes.length)]),
    perClass: classQualities(cells).map((quality, index) => ({ class: classes[index] ?? '', ...quality })),
    curves: curvesByClass(predictions),
    calibration: expectedCalibrationError({ ...confidences(predictions), bins: calibrationBins }),
  };
}

function curvesByClass(predictions: ClassPredictions): (Curves & { class: string })[] {
  const { classes, actual } = predictions;
  if (classes.length > maxCurveClasses) return [];
  return classes.flatMap((name, index) => {
    if (classes.length === 2 && index === 0) return [];
    const positive = Array.from(actual, (one) => one === index);
    const curves = curvesOf(scoresOf(predictions, index), positive);
    return curves === undefined ? [] : [{ class: name, ...curves }];
  });
}

/** The probability of one class in each row. */
export function scoresOf({ classes, probabilities, actual }: ClassPredictions, index: number): Float64Array {
  return Float64Array.from(actual, (_, row) => probabilities[row * classes.length + index] ?? 0);
}

/** The probability of the predicted class in each row, and whether it was the right one. */
export function confidences(predictions: ClassPredictions): { probabilities: Float64Array; correct: boolean[] } {
  const { classes, actual, predicted, probabilities } = predictions;
  return {
    // A softmax in single precision can exceed 1 by a rounding error.
    probabilities: Float64Array.from(predicted, (label, row) =>
      Math.min(1, probabilities[row * classes.length + label] ?? 0),
    ),
    correct: Array.from(predicted, (label, row) => label === actual[row]),
  };
}

/** Builds the report of a regression. */
export function regressionReport(
  actual: Float64Array,
  predicted: Float64Array,
  split: 'test' | 'validation',
): RegressionReport {
  const pairs = Array.from(actual, (value, row): [number, number] => [value, predicted[row] ?? 0]);
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { task: 'Regression', split, rows: actual.length, pairs: thin(pairs, maxPairs) };
}
