// The public tables on which the builtin trainer is held against scikit-learn. oracle/figures.py takes them out of their packages.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A table with a column that shall be predicted from all others. */
export type PublicTable = {
  readonly name: string;
  /** The PyPI package that ships it. */
  readonly origin: string;
  readonly licence: string;
  readonly task: 'Classification' | 'Regression';
  readonly target: string;
};

const scikitLearn = { origin: 'scikit-learn 1.9.1', licence: 'BSD-3-Clause' } as const;
const statsmodels = {
  origin: 'statsmodels 0.15.0',
  licence: 'BSD-3-Clause; the data is in the public domain',
} as const;
const palmer = { origin: 'palmerpenguins 0.1.4', licence: 'CC0-1.0' } as const;
const vega = { origin: 'vega_datasets 0.9.0', licence: 'MIT; the data is in the public domain (NOAA)' } as const;

const classes = { task: 'Classification' } as const;
const values = { task: 'Regression' } as const;

export const publicTables: readonly PublicTable[] = [
  { name: 'iris', ...scikitLearn, ...classes, target: 'target' },
  { name: 'wine', ...scikitLearn, ...classes, target: 'target' },
  { name: 'breast_cancer', ...scikitLearn, ...classes, target: 'target' },
  { name: 'digits', ...scikitLearn, ...classes, target: 'target' },
  { name: 'anes96', ...statsmodels, ...classes, target: 'vote' },
  { name: 'seattle_weather', ...vega, ...classes, target: 'weather' },
  { name: 'diabetes', ...scikitLearn, ...values, target: 'target' },
  { name: 'engel', ...statsmodels, ...values, target: 'foodexp' },
  { name: 'grunfeld', ...statsmodels, ...values, target: 'invest' },
  { name: 'penguins', ...palmer, ...values, target: 'body_mass_g' },
];

export const fileOf = ({ name }: PublicTable): string => `${name}.csv`;

/** Writes the table as a CSV file into a folder, as it would lie in a claim. */
export async function unpackTable(table: PublicTable, directory: string): Promise<void> {
  const packed = await readFile(new URL(`oracle/${fileOf(table)}.gz`, import.meta.url));
  await writeFile(join(directory, fileOf(table)), gunzipSync(packed));
}
