// Says to oracle/figures.py which rows of each table are tested on, for each seed, and what is trained.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicTables, unpackTable } from './tables.ts';
import { l2, readPublicTable, testPartOf } from './train.ts';

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const directory = await mkdtemp(join(tmpdir(), 'tables-'));
const plans: object[] = [];
for (const table of publicTables) {
  await unpackTable(table, directory);
  const read = await readPublicTable(table, directory);
  const { name, task, target } = table;
  plans.push({ name, task, target, l2, parts: seeds.map((seed) => testPartOf(table, read, seed)) });
}
await rm(directory, { recursive: true });
console.log(JSON.stringify(plans));
