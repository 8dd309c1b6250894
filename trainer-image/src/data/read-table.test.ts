// Reading real files: what is read as what, and what is refused with which words.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { missingWords } from '@sluice/crds/missing-words.ts';
import { DataError } from '@sluice/model/data-error.ts';
import fc from 'fast-check';
import { type ReadPlan, readTable } from './read-table.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'read-table-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

type Changes = Partial<ReadPlan> & { path?: string };

async function read(content: string | Uint8Array, { path = 'file', ...changes }: Changes = {}) {
  const whole = join(home, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, content);
  const { size } = await stat(whole);
  const source = { path: whole, field: 'spec.data.source', bytes: size, digest: '', stamp: '' };
  const plan = { format: 'CSV', target: 'y', task: 'Regression', features: undefined, missing: undefined } as const;
  const table = await readTable({ ...plan, source, alive: async () => {}, ...changes });
  return Object.fromEntries([...table.columns].map(([name, column]) => [name, [...column]]));
}

const json = (...lines: (object | string)[]) =>
  lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
const asJson: Changes = { format: 'JSONLines' };
const none = Number.NaN;

describe('nothing but the values says what a column is', () => {
  test.each<[string, string, (string | number | null)[]]>([
    ['dates', '2020-01-02,2020-01-03', ['2020-01-02', '2020-01-03']],
    ['times', '12:30,23:59:59', ['12:30', '23:59:59']],
    ['timestamps', '2020-01-02T03:04:05Z,2020-01-02 03:04', ['2020-01-02T03:04:05Z', '2020-01-02 03:04']],
    ['booleans', 'TRUE,false,T,f,yes', ['TRUE', 'false', 'T', 'f', 'yes']],
    ['UUIDs', '123e4567-e89b-12d3-a456-426614174000', ['123e4567-e89b-12d3-a456-426614174000']],
    ['lists and objects', '[1 2],{a},{}', ['[1 2]', '{a}', '{}']],
    ['addresses', '10.0.0.1,192.168.0.1', ['10.0.0.1', '192.168.0.1']],
    ['versions', '1.2.3,1.10.1', ['1.2.3', '1.10.1']],
    ['codes with a zero in front', '007,10,00501', ['007', '10', '00501']],
    [
      'ids with more digits than a double has',
      '9007199254740993,9007199254740992,5',
      ['9007199254740993', '9007199254740992', '5'],
    ],
    ['numbers in each form', '1,-2.5,+3,.5,5.,1e5,1E-3, 7 ,0,0.50', [1, -2.5, 3, 0.5, 5, 100_000, 0.001, 7, 0, 0.5]],
    ['numbers and what is missing', '1,NA,,?,-,null,  ,3', [1, none, none, none, none, none, none, 3]],
    ['words and what is missing', 'a,NA,,?,b', ['a', null, null, null, 'b']],
    ['more words than mistakes could be', 'A1,2,B3,4,C', ['A1', '2', 'B3', '4', 'C']],
    ['a category with a top level', '0,1,2,3+,0,1,2,3+,1', ['0', '1', '2', '3+', '0', '1', '2', '3+', '1']],
  ])('%s', async (_, values, expected) => {
    const csv = ['x,y', ...values.split(',').map((value) => `${value},1`)].join('\n');
    expect((await read(csv))['x']).toEqual(expected);
  });

  test('neither does a folder or a file that is named as a column, as a pattern, or as something compressed', async () => {
    const csv = 'year,y\n1,2\n';
    for (const path of [
      'year=2024/y=7/train.csv',
      'y=churn/year=__HIVE_DEFAULT_PARTITION__/a.csv',
      'b*[ab]?{c}.csv',
      'c.csv.gz',
      'd.parquet',
      "it's.csv",
    ]) {
      expect({ path, ...(await read(csv, { path })) }).toEqual({ path, year: [1], y: [2] });
    }
  });

  test('nor does what other rows of a JSON file hold', async () => {
    const rows = json(
      { a: 1, t: true, d: '2020-01-02', n: { x: [1], y: { z: 2 } }, y: 1 },
      { a: null, t: false, u: 'x', y: 2.5 },
    );
    expect(await read(rows, asJson)).toEqual({
      a: [1, none],
      t: ['true', 'false'],
      d: ['2020-01-02', null],
      n: ['{"x":[1],"y":{"z":2}}', null],
      y: [1, 2.5],
      u: [null, 'x'],
    });
  });
});

describe('a column is what the spec calls it', () => {
  test('a Category and a class are text, whatever their values look like', async () => {
    const features = [{ name: 'zip', type: 'Category' } as const, { name: 'n', type: 'Number' } as const];
    const plan: Changes = { features, task: 'Classification' };
    expect(await read('zip,n,y\n1,1,0\n2,2,1\n', plan)).toEqual({ zip: ['1', '2'], n: [1, 2], y: ['0', '1'] });
  });

  test('a Number may have zeros in front', async () => {
    expect(await read('n,y\n007,1\n', { features: [{ name: 'n', type: 'Number' }] })).toMatchObject({ n: [7] });
  });

  test('a column that is no input is not refused', async () => {
    const csv = `id,n,y\n${Array.from({ length: 40 }, (_, row) => `${row === 3 ? 'x' : row},${row},${row}`).join('\n')}`;
    expect((await read(csv, { features: [{ name: 'n', type: 'Number' }] }))['id']?.[3]).toBe('x');
  });

  test('words for what is missing are those of the spec, and a number among them is meant however it is written', async () => {
    const csv = 'a,b,y\n-999,NA,1\n-999.0,x,2\n3,,3\n';
    expect(await read(csv, { missing: ['-999'] })).toMatchObject({ a: [none, none, 3], b: ['NA', 'x', null] });
  });
});

describe('files from everywhere', () => {
  const csv = 'a,b,y\n1,x,1\n2,"é, ""z""\n2",2\n';
  const rows = { a: [1, 2], b: ['x', 'é, "z"\n2'], y: [1, 2] };
  const utf16 = Buffer.from(csv, 'utf16le');
  test.each<[string, string | Uint8Array]>([
    ['UTF-8', csv],
    ['a byte order mark', `\ufeff${csv}`],
    ['no line end at the end', csv.trimEnd()],
    ['empty lines', csv.replace('1,x,1\n', '\n1,x,1\n\n  \n')],
    ['UTF-16 of Windows', Buffer.concat([Buffer.of(0xff, 0xfe), utf16])],
    ['UTF-16 without a mark', utf16],
    ['UTF-16, the higher byte first', Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(utf16).swap16()])],
    ['UTF-16, the higher byte first, without a mark', Buffer.from(utf16).swap16()],
    ['an empty column without a name', 'a,b,y,\n1,x,1,\n2,"é, ""z""\n2",2,\n'],
    ['names with spaces around them', csv.replace('a,b,y', ' a, b ,y')],
  ])('%s', async (_, content) => {
    expect(await read(content)).toEqual(rows);
  });

  test.each(['\r\n', '\r'])('line ends %j, and mixed ones', async (end) => {
    expect(await read(['a,y', '1,2', '3,4', ''].join(end))).toEqual({ a: [1, 3], y: [2, 4] });
    expect(await read(`a,y${end}1,2\n3,4${end}`)).toEqual({ a: [1, 3], y: [2, 4] });
    expect(await read(`{"a":1,"y":2}${end}{"a":3,"y":4}\n`, asJson)).toEqual({ a: [1, 3], y: [2, 4] });
  });

  test('rows keep their order over many pieces, and any piece may end anywhere', async () => {
    const numbers = Array.from({ length: 100_000 }, (_, row) => row);
    expect(
      (await read(`n,y\n${numbers.map((n) => `${n},"é\r\n"`).join('\r\n')}`, { task: 'Classification' }))['n'],
    ).toEqual(numbers);
  });
});

/** Forty rows of a number, with other values from the third row on. */
const among = (...values: string[]) =>
  ['x,y', ...Array.from({ length: 40 }, (_, row) => `${values[row - 2] ?? row / 4},${row}`)].join('\n');

describe('what would be learned wrong is refused, with column, line and remedy', () => {
  const index = 'column 1 has no name in the header, as row numbers of pandas and R';
  test.each<[string, string, string, Changes?]>([
    ['a typo among numbers', among('l2'), "column 'x': line 4 has 'l2', not a number; correct them, or list"],
    ['several', among('x', 'y', 'z'), "column 'x': line 4 has 'x', line 5 has 'y', 1 more, not a number"],
    ['a typo in a short table', 'x,y\n1,1\n2,1\nx,1\n4,1\n5,1\n', "line 4 has 'x'"],
    ['thousands', among('"1,200"'), "line 4 has '1,200', not a number; write plain numbers such as -1200.5"],
    ['nothing but thousands', 'x,y\n"1,200",1\n"3,400",2\n', "line 2 has '1,200', line 3 has '3,400'"],
    ['decimal commas', 'x,y\n"12,5",1\n"3,25",2\n', "line 2 has '12,5'"],
    ['percents', 'x,y\n5%,1\n12.5 %,2\n', "line 2 has '5%'"],
    ['amounts', 'x,y\n$5,1\n€ 12.50,2\n', "line 2 has '$5'"],
    ['Swiss thousands', "x,y\n1'200,1\n13'000.50,2\n", `line 2 has '1'200'`],
    ['spaces in numbers', 'x,y\n1 200,1\n13\u00a0000,2\n', "line 2 has '1 200'"],
    ['German numbers', 'x,y\n"1.200,50",1\n"2,5",2\n', "line 2 has '1.200,50'"],
    ['negative numbers in brackets', 'x,y\n(300),1\n5,2\n', "line 2 has '(300)'"],
    ['underscores', 'x,y\n1_000,1\n2_000,2\n', "line 2 has '1_000'"],
    ['another minus', 'x,y\n−5,1\n6,2\n', "line 2 has '−5'"],
    ['hexadecimal', 'x,y\n0x10,1\n0xff,2\n', "line 2 has '0x10'"],
    ['infinity', 'x,y\ninf,1\n2,2\n', "line 2 has 'inf'"],
    ['a number too large for any', among('1e999'), "line 4 has '1e999'"],
    [
      'a word in a number of the spec',
      'x,y\n1,1\nold,2\n',
      "spec.data.features[x]: line 3 has 'old', not a number; correct them, or add words",
      { features: [{ name: 'x', type: 'Number' }] },
    ],
    [
      'a word in a tensor',
      'x,z,y\n1,1,1\n1,old,2\n',
      "spec.data.features[t]: column 'z': line 3 has 'old'",
      { features: [{ name: 't', type: 'Tensor', columns: 'x,z', shape: [2] }] },
    ],
    ['a word in a target', 'x,y\n1,1\n1,old\n', "spec.data.target: column 'y': line 3 has 'old', not a number"],
    ['an empty target', 'x,y\n1,1\n1,\n', "spec.data.target: column 'y' is empty in line 3"],
    [
      'a class that is missing',
      'x,y\n1,a\n1,NA\n',
      "column 'y' has 'NA', which counts as missing, in line 3",
      { task: 'Classification' },
    ],
    ['a target that comes late', json({ x: 1 }, { x: 1, y: 1 }), "'y' is empty in line 1", asJson],
    ['row numbers of R', '"","x","y"\n"1",5,1\n"2",6,2\n', index],
    ['row numbers of pandas', 'Unnamed: 0,x,y\n0,5,1\n1,6,2\n', index],
    [
      'a total',
      'x,n,y\na,5,1\nb,6,2\nc,1,1\nTotal,12,4\n',
      "line 5: 'Total' looks like a total below the data; remove the row",
    ],
    ['a mean', 'x,n,y\na,5,1\nb,6,2\nc,1,1\nMean,4,1\n', "line 5: 'Mean' looks like"],
    [
      'a total with nothing beside it',
      'x,n,y\na,5,1\nb,6,2\nc,1,1\nGrand total,,\n',
      "line 5: 'Grand total' looks like",
    ],
  ])('%s', async (_, ...[content, message, plan]) => {
    const refusal = read(content, plan);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toBeInstanceOf(DataError);
    await expect(refusal).rejects.not.toThrow('…');
  });
});

test.each<[string, Changes]>([
  ['inferred', {}],
  ['an input', { features: [{ name: 'n'.repeat(63), type: 'Number', column: 'x'.repeat(60) }] }],
])('a refusal has room for its remedy, whatever names and values are (%s)', async (_, plan) => {
  const name = 'x'.repeat(60);
  const rows = Array.from({ length: 4000 }, (_unused, row) => `${row > 3990 ? '"1,234,567,890,123"' : row / 7},1`);
  await expect(read([`${name},y`, ...rows].join('\n'), plan)).rejects.toThrow(/not a number; .*\.$/);
});

describe('what is no table is refused, with the line', () => {
  test.each<[string, string | Uint8Array, string, Changes?]>([
    ['too many values', 'a,y\n1,2\n2,3,4\n', 'line 3: it has 3 values, the header has 2'],
    ['too few values', 'a,y\n1,"x\n\n"\n2\n', 'line 5: it has 1 values, the header has 2'],
    ['Latin-1', Buffer.from('a,y\n1,caf\xe9\n', 'latin1'), 'line 2: it is not UTF-8: save it as UTF-8'],
    [
      'Latin-1 far below',
      Buffer.concat([Buffer.from(`a,y\n${'1,é\n'.repeat(200_000)}`), Buffer.of(0x31, 0x2c, 0xe9, 0x0a)]),
      'line 200002: it is not UTF-8',
    ],
    ['half a character at the end', Buffer.from('a,y\n1,é', 'utf8').subarray(0, -1), 'it is not UTF-8'],
    ['a NUL character', 'a,y\n1,2\n3,4\0\n', 'line 3: it has a NUL character'],
    ['an open quote', 'a,y\n1,2\n1,"x\n2,y\n', 'line 3: a quoted value does not end'],
    ['text behind a quote', 'a,y\n1,"x" z\n', 'line 2: text follows a closing quote'],
    ['a name twice', 'a,y,b,a\n1,2,3,4\n', "line 1: the header has 'a' twice (columns 1 and 4)"],
    ['a second header', 'a,y\n1,2\na,y\n3,4\n', 'line 3: it repeats the header'],
    ['semicolons', 'a;y\n1;2\n', 'line 1: it has ; between values, not commas'],
    ['tabs', 'a\ty\n1\t2\n', 'line 1: it has tabs between values, not commas'],
    ['no rows', 'a,y\n', 'no rows'],
    ['nothing but empty lines', '\n\n', 'it has no header line'],
    ['gzip', gzipSync('a,y\n1,2\n'), 'it is compressed with gzip, not text; unpack or convert it'],
    ['an Excel workbook', Buffer.from('PK\x03\x04abc'), 'it is a zip archive or an Excel workbook'],
    ['Parquet', Buffer.from('PAR1\x15\x04'), 'it is a Parquet file'],
    ['a web page', '<!DOCTYPE html>\n<html>', 'it is a web page'],
    ['JSON as CSV', '{"a":1}\n', 'line 1: it is JSON, not CSV'],
    ['broken JSON', '{"a":1}\n{"a":x}\n{"a":3}\n', 'line 2: it is not valid JSON', asJson],
    ['JSON that ends early', '{"a":1}\n{"a":2', 'line 2: it is not valid JSON', asJson],
    ['NaN in JSON', '{"a":1}\n{"a": NaN}', 'line 2: it is not valid JSON: it has NaN, write null', asJson],
    ['a JSON array', '[{"a":1}]', 'line 1: it is not a JSON object; write one object a line', asJson],
    ['a long JSON array', '[\n{"a":1}\n]', 'line 1: it begins a JSON array; write one object a line', asJson],
    ['a key twice', '{"a":1,"y":"x: \\"a\\": 1"}\n{"a":1,"y":2,"a":3}', "line 2: it has the key 'a' twice", asJson],
    [
      'keys that drift',
      json({ Age: 1, y: 1 }, { age: 2, y: 2 }),
      "line 2: it has the key 'age', lines before it 'Age'",
      asJson,
    ],
  ])('%s', async (_, ...[content, message, plan]) => {
    const refusal = read(content, plan);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toBeInstanceOf(DataError);
  });

  test('the line is right far into a large file', async () => {
    const lines = Array.from({ length: 30_000 }, (_, row) => (row === 20_000 ? '{"a":' : `{"a":${row}}`));
    await expect(read(lines.join('\n'), asJson)).rejects.toThrow('line 20001: it is not valid JSON');
  });
});

test('the same numbers of CSV and JSON are the same, and so are the same texts', async () => {
  const cell = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
  const text = fc
    .string({ unit: 'grapheme' })
    .filter((word) => word.trim() !== '' && !missingWords.includes(word.trim()) && !word.includes('\0'));
  const row = fc.record({ n: cell, t: text, y: fc.integer() }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
      const quote = (word: string) => `"${word.replaceAll('"', '""')}"`;
      const csv = ['n,t,y', ...rows.map(({ n, t, y }) => `${n ?? ''},${quote(t)},${y}`)].join('\n');
      const plan: Changes = {
        features: [
          { name: 'n', type: 'Number' },
          { name: 't', type: 'Category' },
        ],
      };
      const table = await read(csv, plan);
      expect(table).toEqual(await read(json(...rows), { ...plan, ...asJson }));
      expect(table['t']).toEqual(rows.map(({ t }) => t));
      expect(table['n']).toEqual(rows.map(({ n }) => (n === null ? none : n + 0)));
    }),
    { numRuns: 200 },
  );
});
