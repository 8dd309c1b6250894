// npm run decide: how well rollouts are decided, beside other rules; with a word: how well intervals hold, or models learn.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { readCommandLine, refuse, wholeNumber } from '../command-line.ts';
import { machine } from '../machine.ts';
import { measureIntervals } from './intervals/command.ts';
import { coverageOf, intervalJson, intervalPage, intervalTables } from './intervals/report.ts';
import { jsonReport, page, type Report, tables } from './report.ts';
import { promisedScenarios, scenarios } from './scenarios.ts';
import { type RunOutcome, rules } from './simulate.ts';
import { headline, summariseScenario } from './summary.ts';
import { measureTables } from './tables/command.ts';
import { comparisonTable, misses, tableHeadline, tableJson, tablePage } from './tables/report.ts';
import type { Chunk, ChunkDone } from './worker.ts';

const chunkRuns = 50;
const promises = { falseRollbackRate: 0.05, badCaughtRate: 0.95 } as const;

const command = {
  name: 'npm run decide --',
  summary: 'Simulates rollouts and says how well they are decided, beside other rules; or what is learned.',
  words: {
    name: '[intervals | tables]',
    help: [
      ['intervals', 'instead: how often the intervals of metrics hold the truth'],
      ['tables', "instead: test metrics on public tables beside scikit-learn's"],
    ],
  },
  options: {
    runs: {
      type: 'string',
      default: '2000',
      value: 'N',
      check: wholeNumber(),
      help: 'rollouts, test sets, or splits (at most 20), for a row',
    },
    seed: { type: 'string', default: '1', value: 'N', check: wholeNumber(), help: 'another seed, other rollouts' },
    json: { type: 'string', value: 'FILE', help: 'write the figures there, too' },
    write: { type: 'boolean', default: false, help: 'write the page in docs/reference' },
  },
} as const;
const { values, positionals } = readCommandLine(command);

/** Hands chunks to threads until none is left. */
async function playAll(chunks: readonly Chunk[], onDone: (done: ChunkDone) => void): Promise<void> {
  const waiting = chunks.values();
  await Promise.all(
    Array.from(
      { length: Math.min(availableParallelism(), chunks.length) },
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL('./worker.ts', import.meta.url));
          const handOut = () => {
            const { value, done } = waiting.next();
            if (done) void worker.terminate().then(() => resolve(), reject);
            else worker.postMessage(value);
          };
          worker.on('error', reject);
          worker.on('message', (done: ChunkDone) => {
            onDone(done);
            handOut();
          });
          handOut();
        }),
    ),
  );
}

function chunksOf(runs: number, seed: number): Chunk[] {
  const starts = Array.from({ length: Math.ceil(runs / chunkRuns) }, (_, index) => index * chunkRuns);
  return scenarios.flatMap((_, scenario) =>
    starts.map((from) => ({ scenario, seed, from, to: Math.min(runs, from + chunkRuns) })),
  );
}

async function play(runs: number, seed: number): Promise<Report> {
  const startedAt = performance.now();
  const chunks = chunksOf(runs, seed);
  const outcomes = scenarios.map(() => rules.map((): RunOutcome[] => []));
  let finished = 0;
  await playAll(chunks, ({ chunk, outcomes: played }) => {
    for (const [rule, ofRule] of played.entries()) outcomes[chunk.scenario]?.[rule]?.push(...ofRule);
    finished++;
    if (finished % Math.ceil(chunks.length / 20) === 0 || finished === chunks.length) {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      console.error(
        `${((100 * finished) / chunks.length).toFixed(0)} % of ${scenarios.length} × ${runs} rollouts, ${seconds} s`,
      );
    }
  });
  return {
    machine: machine(),
    seed,
    runs,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    processorSeconds: Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1e6),
    scenarios: scenarios.map((scenario, index) => summariseScenario(scenario, outcomes[index] ?? [])),
  };
}

async function decideRollouts(): Promise<void> {
  const report = await play(Number(values.runs), Number(values.seed));
  const own = headline(report.scenarios, rules[0]?.name ?? '', promisedScenarios);
  console.log(
    `\n${tables(report)}\n\n${report.runs} runs per row, seed ${report.seed}, ${report.seconds} s (${report.processorSeconds} s of processor time) on ${report.machine}`,
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(jsonReport(report), null, 2)}\n`);
  if (values.write) writeFileSync(new URL('../../docs/reference/decide.md', import.meta.url), page(report));
  if (own.falseRollbackRate > promises.falseRollbackRate || own.badCaughtRate < promises.badCaughtRate) {
    console.error(
      `A promise is broken: false rollbacks at most ${promises.falseRollbackRate}, caught at least ${promises.badCaughtRate}.`,
    );
    process.exitCode = 1;
  }
}

/** An interval that holds less often than this is none. */
const leastCoverage = 0.92;

function decideIntervals(): void {
  const report = measureIntervals(Number(values.runs), Number(values.seed));
  console.log(intervalTables(report.coverages));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(intervalJson(report), null, 2)}\n`);
  if (values.write) writeFileSync(new URL('../../docs/reference/intervals.md', import.meta.url), intervalPage(report));
  for (const one of report.coverages.filter((each) => coverageOf(each) < leastCoverage)) {
    console.error(`${one.metric}, ${one.shape}, ${one.rows} rows: ${one.held} of ${one.shown} intervals hold.`);
    process.exitCode = 1;
  }
}

async function decideTables(): Promise<void> {
  if (Number(values.runs) < 2) refuse(command, '--runs 1: tables need at least 2, for a standard error');
  const report = await measureTables(Number(values.runs));
  console.log(`${comparisonTable(report.comparisons)}\n\n${JSON.stringify(tableHeadline(report.comparisons))}`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(tableJson(report), null, 2)}\n`);
  if (values.write) writeFileSync(new URL('../../docs/reference/tables.md', import.meta.url), tablePage(report));
  for (const sentence of misses(report.comparisons)) {
    console.error(sentence);
    process.exitCode = 1;
  }
}

const word = positionals.join(' ');
if (word === '') await decideRollouts();
else if (word === 'intervals') decideIntervals();
else if (word === 'tables') await decideTables();
else refuse(command, `There is no ${word}: say intervals, tables, or nothing.`);
