// Decides which columns form which features: from the spec's list, or one feature per column that is not the target.
import { cutEnd, printable } from '@sluice/crds/text.ts';
import { getColumn, isText, type Table } from './columns.ts';
import { DataError, quoted } from './data-error.ts';
import { compareNaturally } from './natural-order.ts';
import { matchesStars } from './star-pattern.ts';

/** One entry of `TrainingJob.spec.data.features`. */
export type FeatureSpec = {
  readonly name: string;
  readonly type: 'Number' | 'Category' | 'Tensor';
  /** Number and Category: the column; the feature's name when left out. */
  readonly column?: string | undefined;
  /** Tensor: names and patterns separated by commas, e.g. `p*` or `red,green,blue`. */
  readonly columns?: string | undefined;
  /** Tensor: shape of one example; `[number of columns]` when left out. */
  readonly shape?: readonly number[] | undefined;
};

/** A feature whose columns are known to exist. */
export type ResolvedFeature =
  | { readonly type: 'Number' | 'Category'; readonly name: string; readonly column: string }
  | { readonly type: 'Tensor'; readonly name: string; readonly columns: string[]; readonly shape: number[] };

type Source = { readonly table: Table; readonly target: string };

/**
 * Resolves the features of a table. Without specs: one per column but the target, Number where the reader
 * found numbers and Category elsewhere. Throws DataError when a column is missing, is the target, or a shape does not fit.
 */
export function resolveFeatures(
  input: Source & { readonly specs?: readonly FeatureSpec[] | undefined },
): ResolvedFeature[] {
  const { specs = [], table, target } = input;
  getColumn(table, target, 'spec.data.target');
  const features = specs.length > 0 ? specs.map((spec) => resolveFeature(spec, input)) : inferFeatures(input);
  if (features.length === 0) {
    throw new DataError(`the data has no column but the target ${quoted(target)}; a model needs at least one feature`);
  }
  return features;
}

function inferFeatures({ table, target }: Source): ResolvedFeature[] {
  return [...table.columns]
    .filter(([name]) => name !== target)
    .map(([name, column]) => ({ type: isText(column) ? 'Category' : 'Number', name, column: name }));
}

function resolveFeature(spec: FeatureSpec, source: Source): ResolvedFeature {
  const field = featureField(spec.name);
  if (spec.type === 'Tensor') return resolveTensor(spec, source);
  const column = spec.column ?? spec.name;
  getColumn(source.table, column, field);
  refuseTarget(column, source.target, field);
  return { type: spec.type, name: spec.name, column };
}

function resolveTensor(spec: FeatureSpec, source: Source): ResolvedFeature {
  const field = featureField(spec.name);
  if (spec.columns === undefined) throw new DataError(`${field}: a Tensor needs columns, e.g. columns: "p*"`);
  const columns = [...new Set(spec.columns.split(',').flatMap((part) => matchColumns(part.trim(), source, field)))];
  const shape = [...(spec.shape ?? [columns.length])];
  const size = shape.reduce((product, length) => product * length, 1);
  if (size === columns.length) return { type: 'Tensor', name: spec.name, columns, shape };
  throw new DataError(
    `${field}: columns ${quoted(spec.columns)} match ${columns.length} columns, but shape [${shape.join(', ')}] needs ${size}; change columns or shape`,
  );
}

/** The columns a name or pattern stands for; those of a pattern in natural order and without the target. */
function matchColumns(part: string, { table, target }: Source, field: string): string[] {
  if (!part.includes('*')) {
    getColumn(table, part, field);
    refuseTarget(part, target, field);
    return [part];
  }
  const names = [...table.columns.keys()].filter((name) => name !== target && matchesStars(part, name));
  if (names.length > 0) return names.sort(compareNaturally);
  const examples = [...table.columns.keys()].slice(0, 3).map(quoted).join(', ');
  throw new DataError(
    `${field}: no column matches ${quoted(part)}; the data has ${table.columns.size}, e.g. ${examples}`,
  );
}

function refuseTarget(column: string, target: string, field: string): void {
  if (column === target) {
    throw new DataError(`${field}: column ${quoted(column)} is the target; a model that sees it learns nothing else`);
  }
}

/** How messages name a feature's entry in the spec. */
export function featureField(name: string): string {
  return `spec.data.features[${cutEnd(printable(name), 32)}]`;
}
