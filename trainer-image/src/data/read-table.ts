// Reads a data file into columns: numbers as Float64Array, everything else as text. The file is read twice: first to see what
// each column holds, then to keep it as that.
import type { DataFormat } from '@sluice/crds/formats.ts';
import { type Column, makeTable, type Table } from '@sluice/model/columns.ts';
import { DataError, quoted } from '@sluice/model/data-error.ts';
import { type ColumnKind, kindOf } from './column-kinds.ts';
import { footerWord } from './footer.ts';
import { type Growable, growableNumbers, growableTexts } from './growable.ts';
import { fileFault, readText } from './parsing/file-text.ts';
import { parsers } from './parsing/formats.ts';
import type { FileRow } from './parsing/record.ts';
import { type Role, rolesOf, type Wishes } from './roles.ts';
import type { SourceFile } from './source-file.ts';
import { Survey } from './survey.ts';
import { makeValueReader, type ValueReader } from './values.ts';

/** Which rules read values; others could read the same file as another table. 1 (before it was written down) was a library's. */
export const readingVersion = 2;

/** How to read a file. */
export type ReadPlan = Wishes & {
  readonly source: SourceFile;
  readonly format: DataFormat;
  /** Words for what is missing; those of `missingWords` when absent. */
  readonly missing: readonly string[] | undefined;
  readonly alive: () => Promise<void>;
};

/** Reads the whole file. Throws `DataError`, with the line, for a row or a value that cannot be read as what it shall be. */
export async function readTable(plan: ReadPlan): Promise<Table> {
  const values = makeValueReader(plan.missing);
  const survey = new Survey(values);
  const names = (await eachRow(plan, (row) => survey.add(row))).map(nameOf);
  const word = footerWord(survey, values);
  if (word !== undefined) {
    throw fileFault(
      plan.source,
      `${quoted(word)} looks like a total below the data; remove the row`,
      survey.last?.line,
    );
  }
  const kinds = kindsOf(names, survey, plan);
  return makeTable(await readColumns(plan, { kinds, values }));
}

/** @returns the names of the columns */
async function eachRow(plan: ReadPlan, onRow: (row: FileRow) => void): Promise<readonly string[]> {
  const parser = parsers[plan.format]({ source: plan.source, onRow });
  for await (const text of readText(plan.source)) {
    parser.push(text);
    await plan.alive();
  }
  parser.end();
  return parser.names;
}

/** A column without a name is called as pandas does. */
const nameOf = (name: string, place: number) => (name === '' ? `Unnamed: ${place}` : name);
const isUnnamed = (name: string) => /^Unnamed: \d+$/.test(name);

type NamedKind = readonly [name: string, kind: ColumnKind | 'Dropped'];

function kindsOf(names: readonly string[], { columns }: Survey, plan: ReadPlan): NamedKind[] {
  const roles = rolesOf(names, plan);
  return names.map((name, place): NamedKind => {
    const column = columns[place];
    const role = roles.get(name);
    if (column === undefined || role === undefined) return [name, 'Number'];
    if (isUnnamed(name) && column.present === 0) return [name, 'Dropped'];
    refuseIndex(name, place, role);
    return [name, kindOf(name, column, role)];
  });
}

/** Row numbers that a table was saved with would be learned as if they were known of what is to be predicted. */
function refuseIndex(name: string, place: number, { wants }: Role): void {
  if (!isUnnamed(name) || wants !== 'Either') return;
  throw new DataError(
    `spec.data: column ${place + 1} has no name in the header, as row numbers of pandas and R; remove or name it, or list the inputs in spec.data.features.`,
  );
}

type Reading = { readonly kinds: readonly NamedKind[]; readonly values: ValueReader };

async function readColumns(plan: ReadPlan, { kinds, values }: Reading): Promise<Map<string, Column>> {
  const growing: Growable[] = kinds.map(([, kind]) =>
    kind === 'Text' ? growableTexts(values) : growableNumbers(values),
  );
  await eachRow(plan, ({ cells }) => {
    for (let place = 0; place < growing.length; place++) growing[place]?.append(cells[place] ?? null);
  });
  const read = kinds.map(([name, kind], place) => ({ name, kind, column: growing[place]?.finish() ?? [] }));
  return new Map(read.filter(({ kind }) => kind !== 'Dropped').map(({ name, column }) => [name, column]));
}
