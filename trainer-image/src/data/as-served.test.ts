// A row of a file becomes the same numbers, to the bit, whether the trainer reads it or a server gets it in a request, and
// whether it came as CSV or as JSON.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FeatureSpec } from '@sluice/crds/dataset.ts';
import type { DataFormat } from '@sluice/crds/formats.ts';
import { readBatch } from '@sluice/model/batch.ts';
import { resolveFeatures } from '@sluice/model/features.ts';
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { encode, fitFeatures } from '@sluice/model/preprocessing.ts';
import { inputSignature } from '@sluice/model/signature.ts';
import { parseInferRequest } from '@sluice/server/protocol/infer-request.ts';
import fc from 'fast-check';
import { makeRequestWriter } from '../evaluation/inputs.ts';
import { readTable } from './read-table.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'as-served-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const specs: FeatureSpec[] = [
  { name: 'n', type: 'Number' },
  { name: 'c', type: 'Category' },
  { name: 't', type: 'Tensor', columns: 'n,m', shape: [2] },
];
const outputs: TensorSignature[] = [{ name: 'label', datatype: 'BYTES', shape: [-1] }];

async function read(content: string, format: DataFormat) {
  const path = join(home, 'rows');
  await writeFile(path, content);
  const source = { path, field: 'spec.data.source', bytes: content.length, digest: '', stamp: '' };
  const plan = { target: 'y', task: 'Classification', features: specs, missing: undefined } as const;
  return readTable({ ...plan, source, format, alive: async () => {} });
}

/** A number and a few ways to write it in CSV. */
const number = fc
  .tuple(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constantFrom('', ' ', '+'))
  .map(([value, before]) => ({ value, text: `${value < 0 || Object.is(value, -0) ? '' : before}${value}` }));
const missing = fc.constantFrom('', 'NA', '?', '-', 'null', ' ').map((text) => ({ value: null, text }));
const category = fc.constantFrom<{ value: string | number; text: string }>(
  { value: 'Ulm', text: ' Ulm' },
  { value: 2.5, text: '2.50' },
  { value: 1, text: '1.0' },
  { value: '007', text: '007' },
  { value: '1.1', text: '1.1' },
);
const row = fc.record({ n: fc.oneof(number, missing), c: fc.oneof(category, missing), m: fc.oneof(number, missing) });

test('training on CSV, on JSON, and a request give the same numbers', async () => {
  const first = { n: { value: 3, text: '3' }, c: { value: 'Ulm', text: 'Ulm' }, m: { value: 4, text: '4' } };
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (others) => {
      const rows = [first, ...others];
      const csv = ['n,c,m,y', ...rows.map(({ n, c, m }) => `${n.text},${c.text},${m.text},a`)].join('\n');
      const lines = rows.map(({ n, c, m }) => JSON.stringify({ n: n.value, c: c.value, m: m.value, y: 'a' }));
      const table = await read(csv, 'CSV');
      const resolved = resolveFeatures({ specs, table, target: 'y' });
      const batch = readBatch(resolved, table);
      const fitted = fitFeatures(resolved, batch);
      const trained = encode(fitted, batch);
      const fromJson = await read(lines.join('\n'), 'JSONLines');
      expect(encode(fitted, readBatch(resolved, fromJson))).toEqual(trained);
      const inputs = inputSignature(fitted);
      for (const each of [table, fromJson]) {
        const dataset = { source: {}, format: 'CSV', target: 'y', features: specs } as const;
        const write = makeRequestWriter({ inputs, output: 'label' }, each, dataset);
        const body: unknown = JSON.parse(write([...rows.keys()]));
        const rules = { signature: { inputs, outputs }, maxElements: 1000 };
        expect(encode(fitted, parseInferRequest(body, rules))).toEqual(trained);
      }
    }),
    { numRuns: 100 },
  );
});
