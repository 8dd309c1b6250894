// npm run decide -- tables: trains on every public table for every seed, and says how far it is.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeEagerEngine } from '@sluice/trainer/fitting/eager-engine.ts';
import type { Engine } from '@sluice/trainer/fitting/engine.ts';
import { loadPortable } from '@sluice/trainer/fitting/portable.ts';
import { determinismEnvironment, loadNative, NativeMissingError } from '@sluice/trainer/fitting/tensorflow.ts';
import { machine } from '../../machine.ts';
import { type Comparison, compare, type Trial } from './compare.ts';
import { metricsOn, readFigures } from './figures.ts';
import type { TableReport } from './report.ts';
import { type PublicTable, publicTables, unpackTable } from './tables.ts';
import { readPublicTable, testPartOf, trainOn } from './train.ts';

/** As many seeds as scikit-learn was asked about. */
export const mostSeeds = 20;

export async function measureTables(runs: number): Promise<TableReport> {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const seeds = Math.min(runs, mostSeeds);
  const engine = await loadEngine();
  const comparisons: Comparison[] = [];
  for (const table of publicTables) {
    comparisons.push(...(await measureTable(table, { engine, seeds })));
    console.error(`${table.name}: ${seconds()} s`);
  }
  return { machine: machine(), engine: engine.identity, seeds, seconds: seconds(), comparisons };
}

/** All metrics of one table, over the first seeds. */
export async function measureTable(
  table: PublicTable,
  { engine, seeds }: { readonly engine: Engine; readonly seeds: number },
): Promise<Comparison[]> {
  const figures = readFigures().find((each) => each.table === table.name);
  if (figures === undefined) throw new Error(`oracle/figures.json has no table ${table.name}.`);
  const directory = await mkdtemp(join(tmpdir(), 'tables-'));
  try {
    await unpackTable(table, directory);
    const read = await readPublicTable(table, directory);
    const trials: Trial[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const other = metricsOn(figures, testPartOf(table, read, seed));
      const own = await trainOn(table, 'Rested', { read, engine, seed });
      const unsaid = await trainOn(table, 'Defaults', { read, engine, seed });
      trials.push({ own, unsaid, other });
    }
    return compare(figures, trials);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The native binding where it is installed; the same engine in JavaScript elsewhere, which takes several times as long. */
async function loadEngine(): Promise<Engine> {
  Object.assign(process.env, determinismEnvironment(availableParallelism()));
  try {
    return makeEagerEngine(loadNative());
  } catch (error) {
    if (!(error instanceof NativeMissingError)) throw error;
    return makeEagerEngine(await loadPortable());
  }
}
