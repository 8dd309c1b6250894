// Preprocessing: fitted on the training part, and applied by one function to training rows and serving requests alike.
import type { Batch, InputValues } from './batch.ts';
import { canonicalText, findPlaces } from './category-text.ts';
import { isText, type TextColumn } from './columns.ts';
import { DataError, quoted } from './data-error.ts';
import { featureField, type ResolvedFeature } from './features.ts';
import type { FittedFeature } from './manifest.ts';
import { medianOf, momentsOf, sortPresent } from './moments.ts';
import { compareNaturally } from './natural-order.ts';

/** Most categories of one feature; more are rather names or texts than categories. */
export const maxCategories = 256;

/** Largest finite single-precision number. */
const maxFloat32 = 3.4028234663852886e38;

/**
 * Learns medians, means, deviations and categories. `training` holds the training part only.
 * Throws DataError when a feature has no value there, or too many categories.
 */
export function fitFeatures(features: readonly ResolvedFeature[], training: Batch): FittedFeature[] {
  return features.map((feature) => {
    const values = training.inputs.get(feature.name) ?? [];
    if (isText(values)) return fitCategories(feature, values);
    return fitNumbers(feature, values);
  });
}

function fitNumbers(feature: ResolvedFeature, values: Exclude<InputValues, TextColumn>): FittedFeature {
  const { mean, deviation, count } = momentsOf(values);
  if (count === 0) throw noValue(feature);
  if (feature.type === 'Tensor') return { ...feature, mean, deviation };
  const { name, column } = feature;
  return { type: 'Number', name, column, median: medianOf(sortPresent(values)), mean, deviation };
}

function fitCategories(feature: ResolvedFeature, values: TextColumn): FittedFeature {
  const distinct = new Set([...new Set(values)].map((text) => (text === null ? null : canonicalText(text))));
  distinct.delete(null);
  if (feature.type === 'Tensor' || distinct.size === 0) throw noValue(feature);
  const { name, column } = feature;
  if (distinct.size > maxCategories) {
    throw new DataError(
      `${featureField(name)}: column ${quoted(column)} has ${distinct.size} categories, at most ${maxCategories} are allowed; leave it out, group its values, or call it a Number`,
    );
  }
  const categories = [...distinct].filter((text) => text !== null).sort(compareNaturally);
  return { type: 'Category', name, column, categories };
}

function noValue({ name }: ResolvedFeature): DataError {
  return new DataError(`${featureField(name)} has no value in any training row; leave it out of spec.data.features`);
}

/** Numbers that one example of a feature becomes. */
export function featureWidth(feature: FittedFeature): number {
  if (feature.type === 'Number') return 1;
  return feature.type === 'Category' ? feature.categories.length + 1 : feature.columns.length;
}

/** Numbers that one example becomes: the length of a row of `encode`. */
export function encodedWidth(features: readonly FittedFeature[]): number {
  return features.reduce((sum, feature) => sum + featureWidth(feature), 0);
}

/**
 * Encodes a batch: [rows × encodedWidth], row by row, the features of a row in their order. Each row depends on itself
 * only. Throws DataError when an input is missing, has the wrong type or length, or a number beyond single precision.
 */
export function encode(features: readonly FittedFeature[], batch: Batch): Float32Array {
  const width = encodedWidth(features);
  const output = new Float32Array(batch.rows * width);
  let offset = 0;
  for (const feature of features) {
    const values = checkedInput(feature, batch);
    if (feature.type === 'Category') encodeCategories(feature, { values, output, width, offset });
    else encodeNumbers(feature, { values, output, width, offset });
    offset += featureWidth(feature);
  }
  return output;
}

/** Where the encoded numbers of one feature go: place `offset` of every row of `width` numbers. */
type Placement = { values: InputValues; output: Float32Array; width: number; offset: number };

function checkedInput(feature: FittedFeature, batch: Batch): InputValues {
  const values = batch.inputs.get(feature.name);
  if (values === undefined) throw new DataError(`input ${quoted(feature.name)} is missing`);
  if (isText(values) !== (feature.type === 'Category')) {
    throw new DataError(`input ${quoted(feature.name)} must be ${feature.type === 'Category' ? 'text' : 'numbers'}`);
  }
  const wanted = batch.rows * (feature.type === 'Tensor' ? feature.columns.length : 1);
  if (values.length === wanted) return values;
  throw new DataError(
    `input ${quoted(feature.name)} has ${values.length} elements; ${batch.rows} examples need ${wanted}`,
  );
}

function encodeCategories(feature: FittedFeature & { type: 'Category' }, placement: Placement): void {
  const { values, output, width, offset } = placement;
  if (!isText(values)) return;
  const placeOf = findPlaces(feature.categories);
  for (let row = 0; row < values.length; row++) {
    const place = placeOf(values[row] ?? null) ?? feature.categories.length;
    output[row * width + offset + place] = 1;
  }
}

function encodeNumbers(feature: Exclude<FittedFeature, { type: 'Category' }>, placement: Placement): void {
  const { values, output, width, offset } = placement;
  if (isText(values)) return;
  const { mean, deviation } = feature;
  const missing = feature.type === 'Number' ? (feature.median - mean) / deviation : 0;
  const cells = featureWidth(feature);
  for (let row = 0, index = 0; index < values.length; row++) {
    for (let cell = 0; cell < cells; cell++, index++) {
      const value = values[index] ?? 0;
      const scaled = (value - mean) / deviation;
      // One comparison for the common case: a missing value is NaN and fails it too.
      const inRange = scaled >= -maxFloat32 && scaled <= maxFloat32;
      if (!inRange && !Number.isNaN(value)) throw outOfRange(feature.name, row, value);
      output[row * width + offset + cell] = inRange ? scaled : missing;
    }
  }
}

function outOfRange(name: string, row: number, value: number): DataError {
  return new DataError(
    `input ${quoted(name)} has ${value} in row ${row + 1}, far outside what the model was trained on`,
  );
}
