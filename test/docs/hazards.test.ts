// Each hazard that the runtime's README lists has the tests that it names, and their names carry its id.
import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
/** Hazards of the research that began the runtime. */
const count = 21;

type Row = { readonly ids: readonly string[]; readonly files: readonly string[] };

let rows: readonly Row[];
/** Texts of the test files of one name. */
let texts: ReadonlyMap<string, string>;

beforeAll(async () => {
  const readme = await readFile(join(root, 'operator', 'kube', 'README.md'), 'utf8');
  rows = [...readme.matchAll(/^\| (H\d+(?:, H\d+)*) +\|.*\|(.*)\|$/gm)].map(([, ids = '', files = '']) => ({
    ids: ids.split(', '),
    files: [...files.matchAll(/`([\w-]+\.test\.ts)`/g)].map(([, file = '']) => file),
  }));
  const found = new Map<string, string>();
  for await (const path of glob('{operator/{kube,shell}/**,test/integration/kube}/*.test.ts', { cwd: root })) {
    const name = basename(path);
    found.set(name, (found.get(name) ?? '') + (await readFile(join(root, path), 'utf8')));
  }
  texts = found;
}, 60_000);

const carries = (file: string, id: string): boolean =>
  new RegExp(`['"\`][^'"\`]*\\b${id}\\b`).test(texts.get(file) ?? '');

test('the README lists every hazard', () => {
  const all = Array.from({ length: count }, (_, at) => `H${at + 1}`);
  expect(rows.flatMap(({ ids }) => ids).toSorted()).toEqual(all.toSorted());
});

test('every hazard has a test, and every test that is named has its id', () => {
  const idle = rows.flatMap(({ ids, files }) =>
    files.filter((file) => !ids.some((id) => carries(file, id))).map((file) => `${file}: no test of ${ids.join(', ')}`),
  );
  const untested = rows.flatMap(({ ids, files }) => ids.filter((id) => !files.some((file) => carries(file, id))));
  expect({ idle, untested }).toEqual({ idle: [], untested: [] });
});
