// The target: fitted, turned into numbers for the network, and the network's output turned back into answers.
import { canonicalText, findPlaces } from './category-text.ts';
import { type Column, numbersOf, takeColumn, textsOf } from './columns.ts';
import { DataError, quoted } from './data-error.ts';
import type { FittedTarget } from './manifest.ts';
import { medianOf, momentsOf, sortPresent } from './moments.ts';
import { compareNaturally } from './natural-order.ts';

/** Most classes of a classifier; a target with more is rather a value. */
export const maxClasses = 1000;

const targetField = 'spec.data.target';

export type TargetSource = {
  readonly task: 'Classification' | 'Regression';
  readonly column: string;
  /** The target of every row. */
  readonly values: Column;
  /** The training rows. */
  readonly training: Int32Array;
};

/**
 * Fits the target. The classes come from all rows, so that one that is rare cannot be unknown in the test part; mean
 * and deviation come from the training rows. Throws DataError when a row has no target, a value is not a number, or
 * there are too few or too many classes.
 */
export function fitTarget({ task, column, values, training }: TargetSource): FittedTarget {
  if (task === 'Regression') {
    refuseMissing(numbersOf(values, column, targetField), column, Number.isNaN);
    const { mean, deviation } = momentsOf(numbersOf(takeColumn(values, training), column, targetField));
    return { type: 'Value', column, mean, deviation };
  }
  const texts = textsOf(values);
  refuseMissing(texts, column, (text) => text === null);
  const classes = [...distinctClasses(texts)].sort(compareNaturally);
  checkClassCount(classes.length, column, distinctClasses(Array.from(training, (row) => texts[row] ?? null)));
  return { type: 'Classes', column, classes };
}

const distinctClasses = (texts: readonly (string | null)[]): Set<string> =>
  new Set([...new Set(texts)].flatMap((text) => (text === null ? [] : [canonicalText(text)])));

function refuseMissing<T>(values: ArrayLike<T>, column: string, isMissing: (value: T) => boolean): void {
  const row = Array.prototype.findIndex.call(values, isMissing);
  if (row === -1) return;
  throw new DataError(
    `${targetField}: column ${quoted(column)} is empty in row ${row + 1}; remove rows without a target or fill them in`,
  );
}

function checkClassCount(count: number, column: string, trained: ReadonlySet<string>): void {
  if (trained.size < 2) {
    const names = [...trained].map(quoted).join();
    throw new DataError(
      `${targetField}: column ${quoted(column)} has one class, ${names}, in the training rows; a classifier needs rows of at least two`,
    );
  }
  if (count <= maxClasses) return;
  throw new DataError(
    `${targetField}: column ${quoted(column)} has ${count} classes, at most ${maxClasses} are allowed; if it is a quantity, use task: Regression`,
  );
}

/** What a model must beat: the index of the most frequent class, or the median, of the training part's target. */
export function fitBaseline(target: FittedTarget, training: Column): number {
  if (target.type === 'Value') return medianOf(sortPresent(actualValues(target, training)));
  const counts = new Float64Array(target.classes.length);
  for (const index of classIndices(target, training)) counts[index] = (counts[index] ?? 0) + 1;
  return counts.indexOf(Math.max(...counts));
}

/** The target as the network learns it, one number per row: the index of the class, or `(y - mean) / deviation`. */
export function encodeTarget(target: FittedTarget, values: Column): Float32Array {
  if (target.type === 'Classes') return Float32Array.from(classIndices(target, values));
  return Float32Array.from(actualValues(target, values), (value) => (value - target.mean) / target.deviation);
}

/** The index of each row's class. Throws DataError for a class the model does not know. */
export function classIndices(target: FittedTarget & { type: 'Classes' }, values: Column): Int32Array {
  const placeOf = findPlaces(target.classes);
  return Int32Array.from(textsOf(values), (text, row) => {
    const place = placeOf(text);
    if (place !== undefined) return place;
    throw new DataError(
      `column ${quoted(target.column)} has ${quoted(text ?? '')} in row ${row + 1}, a class the model does not know; remove the row or retrain`,
    );
  });
}

/** The values of a regression target, in their own unit. */
export function actualValues(target: FittedTarget & { type: 'Value' }, values: Column): Float64Array {
  return numbersOf(values, target.column, targetField);
}

/** One output of an answer, row by row. */
export type OutputTensor =
  | { readonly name: 'label'; readonly datatype: 'BYTES'; readonly shape: number[]; readonly data: string[] }
  | { readonly name: 'probabilities'; readonly datatype: 'FP32'; readonly shape: number[]; readonly data: Float32Array }
  | { readonly name: 'value'; readonly datatype: 'FP64'; readonly shape: number[]; readonly data: Float64Array };

/**
 * Turns the network's output into answers: softmax [rows × classes] into `label` (the first most probable class) and
 * `probabilities`, a standardised [rows × 1] into `value`. Throws when the size is wrong or a number is not finite.
 */
export function decodeOutput(target: FittedTarget, output: Float32Array, rows: number): OutputTensor[] {
  const width = target.type === 'Value' ? 1 : target.classes.length;
  if (output.length !== rows * width) {
    throw new Error(`the network gave ${output.length} numbers; ${rows} examples of ${width} need ${rows * width}`);
  }
  if (!output.every(Number.isFinite)) throw new Error('the network gave a number that is not finite');
  if (target.type === 'Value') {
    const data = Float64Array.from(output, (value) => value * target.deviation + target.mean);
    return [{ name: 'value', datatype: 'FP64', shape: [rows], data }];
  }
  const data = Array.from(mostProbable(output, width), (index) => target.classes[index] ?? '');
  return [
    { name: 'label', datatype: 'BYTES', shape: [rows], data },
    { name: 'probabilities', datatype: 'FP32', shape: [rows, width], data: output },
  ];
}

/** The place of the largest of each row's `width` numbers; the first of equal ones. */
export function mostProbable(probabilities: Float32Array, width: number): Int32Array {
  const labels = new Int32Array(probabilities.length / width);
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let place = 1; place < width; place++) {
      if ((probabilities[row * width + place] ?? 0) > (probabilities[row * width + best] ?? 0)) best = place;
    }
    labels[row] = best;
  }
  return labels;
}
