// The baseline profile: what features and target looked like in the training part, the reference for drift later.
import type { Batch, InputValues } from './batch.ts';
import { canonicalText } from './category-text.ts';
import { type Column, isText, type TextColumn, textsOf } from './columns.ts';
import type { FeatureProfile, FittedFeature, FittedTarget } from './manifest.ts';
import { sortPresent } from './moments.ts';
import { compareNaturally } from './natural-order.ts';
import { featureWidth } from './preprocessing.ts';
import { actualValues } from './target.ts';

/** Deciles of a tensor come from about so many of its numbers; its counts, minimum and maximum come from all. */
const sampleSize = 1_000_000;

/** Most categories that a profile counts one by one. */
const maxProfileCategories = 256;

/** Profiles each feature. `training` holds the training part only. */
export function profileFeatures(features: readonly FittedFeature[], training: Batch): FeatureProfile[] {
  return features.map((feature) => {
    const values: InputValues = training.inputs.get(feature.name) ?? [];
    if (isText(values)) return profileTexts(feature.name, values);
    return profileNumbers(feature.name, values, featureWidth(feature));
  });
}

/** Profiles the target of the training part. */
export function profileTarget(target: FittedTarget, training: Column): FeatureProfile {
  if (target.type === 'Classes') return profileTexts(target.column, textsOf(training));
  return profileNumbers(target.column, actualValues(target, training), 1);
}

function profileTexts(name: string, values: TextColumn): FeatureProfile {
  const counts = new Map<string, number>();
  let missing = 0;
  for (const text of values) {
    if (text === null) missing++;
    else counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  mergeForms(counts);
  const categories = Array.from(counts, ([value, count]) => ({ value, count }));
  categories.sort((a, b) => b.count - a.count || compareNaturally(a.value, b.value));
  return { name, missing, categories: categories.slice(0, maxProfileCategories) };
}

/** Counts texts that are the same category together. */
function mergeForms(counts: Map<string, number>): void {
  for (const [text, count] of [...counts]) {
    const form = canonicalText(text);
    if (form === text) continue;
    counts.delete(text);
    counts.set(form, (counts.get(form) ?? 0) + count);
  }
}

function profileNumbers(name: string, values: Float64Array | Float32Array, width: number): FeatureProfile {
  const edges = decileEdges(sortPresent(sampleRows(values, width)));
  const counts = new Array<number>(10).fill(0);
  let [missing, minimum, maximum] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      missing++;
      continue;
    }
    const bin = binOf(edges, value);
    counts[bin] = (counts[bin] ?? 0) + 1;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return missing === values.length ? { name, missing } : { name, missing, edges, counts, minimum, maximum };
}

/** Whole rows at equal distances, so that no column of a tensor is favoured. */
function sampleRows(values: Float64Array | Float32Array, width: number): Float64Array | Float32Array {
  const stride = Math.ceil(values.length / sampleSize) * width;
  return stride <= width ? values : values.filter((_, index) => index % stride < width);
}

/** The nine inner deciles: the smallest value that at least a tenth, two tenths, … of the values do not exceed. */
function decileEdges(sorted: Float64Array): number[] {
  return Array.from({ length: 9 }, (_, index) => sorted[Math.ceil((sorted.length * (index + 1)) / 10) - 1] ?? 0);
}

/** The bin, 0 to 9, of a value: the first whose upper edge it does not exceed. Equal edges leave bins empty. */
export function binOf(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (edges[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
