// Reading real files with the real DuckDB.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset } from '@sluice/crds/dataset.ts';
import { DataError } from '@sluice/model/data-error.ts';
import { readTable, textColumnsOf } from './read-table.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'read-table-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function read(content: string | Uint8Array, format: Dataset['format'], textColumns: string[] = []) {
  const path = join(home, 'file');
  await writeFile(path, content);
  const { size } = await stat(path);
  const source = { path, field: 'spec.data.source', bytes: size, digest: '', stamp: '' };
  const table = await readTable({
    source,
    format,
    textColumns: new Set(textColumns),
    temporaryDirectory: home,
    alive: async () => {},
  });
  return Object.fromEntries([...table.columns].map(([name, column]) => [name, [...column]]));
}

describe('readTable', () => {
  test('reads numbers as numbers, with NaN for what is missing', async () => {
    expect(await read('a,b\n1,2.5\n,-3e2\n', 'CSV')).toEqual({ a: [1, Number.NaN], b: [2.5, -300] });
  });

  test('leaves text, dates and booleans of a CSV as they are written', async () => {
    const csv = 'day,flag,name\n2020-01-02,TRUE,"x, ""y"""\n2020-01-03,false,\n';
    expect(await read(csv, 'CSV')).toEqual({
      day: ['2020-01-02', '2020-01-03'],
      flag: ['TRUE', 'false'],
      name: ['x, "y"', null],
    });
  });

  test('keeps the leading zeros of a column that is said to be text', async () => {
    expect(await read('zip,n\n007,1\n010,2\n', 'CSV', ['zip'])).toEqual({ zip: ['007', '010'], n: [1, 2] });
  });

  test('ignores a text column that the file does not have: the model names it with the columns that there are', async () => {
    expect(await read('a\n1\n', 'CSV', ['missing'])).toEqual({ a: [1] });
  });

  test.each([
    ['Windows line ends', 'a,b\r\n1,x\r\n'],
    ['a byte order mark', '\ufeffa,b\n1,x\n'],
    ['no line end at the end', 'a,b\n1,x'],
  ])('reads a CSV with %s', async (_, csv) => {
    expect(await read(csv, 'CSV')).toEqual({ a: [1], b: ['x'] });
  });

  test('reads JSON Lines: numbers, text as it is written, booleans, nested values as their JSON', async () => {
    const lines = ['{"a":1,"b":"007","t":true,"n":{"x":[1]}}', '{"a":2.5,"b":null,"t":false}', ''];
    expect(await read(lines.join('\n'), 'JSONLines')).toEqual({
      a: [1, 2.5],
      b: ['007', null],
      t: ['true', 'false'],
      n: ['{"x":[1]}', null],
    });
  });

  test('keeps the rows in file order over many chunks', async () => {
    const numbers = Array.from({ length: 10_000 }, (_, row) => row);
    expect(await read(`n\n${numbers.join('\n')}\n`, 'CSV')).toEqual({ n: numbers });
  });

  test.each<[string, Dataset['format'], string | Uint8Array, string]>([
    ['too many values', 'CSV', 'a,b\n1,x\n2,y,z\n', 'line 3: it has 3 columns, the header has 2'],
    ['too few values', 'CSV', 'a,b\n1,x\n2\n', 'line 3: it has 1 columns, the header has 2'],
    ['other encodings', 'CSV', Buffer.from('a,b\n1,caf\xe9\n', 'latin1'), 'line 2: it is not UTF-8'],
    ['an open quote', 'CSV', 'a,b\n1,"x\n2,y\n', 'look for a quote that does not end'],
    ['broken JSON', 'JSONLines', '{"a":1}\n{"a":x}\n{"a":3}\n', 'line 2: it is not valid JSON'],
    ['JSON that ends early', 'JSONLines', '{"a":1}\n{"a":2', 'line 2: it is not valid JSON'],
    ['no rows', 'CSV', 'a,b\n', 'no rows'],
  ])('refuses %s, naming the line', async (_, format, content, message) => {
    const refusal = read(content, format);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toBeInstanceOf(DataError);
  });

  test('names the right line far into a large file', async () => {
    const lines = Array.from({ length: 30_000 }, (_, row) => (row === 20_000 ? '{"a":' : `{"a":${row}}`));
    await expect(read(lines.join('\n'), 'JSONLines')).rejects.toThrow('line 20001: it is not valid JSON');
  });
});

describe('textColumnsOf', () => {
  const data = {
    target: 'label',
    features: [
      { name: 'zip', type: 'Category' },
      { name: 'city', type: 'Category', column: 'town' },
      { name: 'age', type: 'Number' },
    ],
  } as Dataset;

  test('takes categories, by their column, and the target of a classification', () => {
    expect(textColumnsOf(data, 'Classification')).toEqual(new Set(['zip', 'town', 'label']));
    expect(textColumnsOf(data, 'Regression')).toEqual(new Set(['zip', 'town']));
  });
});
