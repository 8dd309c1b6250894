// Runs chunks of scenarios in a thread of its own.
import { parentPort } from 'node:worker_threads';
import { scenarios } from './scenarios.ts';
import { type RunOutcome, simulateRuns } from './simulate.ts';

export type Chunk = { readonly scenario: number; readonly seed: number; readonly from: number; readonly to: number };
export type ChunkDone = { readonly chunk: Chunk; readonly outcomes: readonly (readonly RunOutcome[])[] };

parentPort?.on('message', (chunk: Chunk) => {
  const scenario = scenarios[chunk.scenario];
  if (scenario === undefined) throw new RangeError(`there is no scenario ${chunk.scenario}`);
  parentPort?.postMessage({ chunk, outcomes: simulateRuns(scenario, chunk) } satisfies ChunkDone);
});
