// Entry point of an evaluation's pod, PID 1: reads the order, runs it, leaves the counts and the exit code.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orderFile, paths } from '@sluice/crds/contract.ts';
import { evaluationOrderSchema } from '@sluice/crds/evaluation-contract.ts';
import { systemClock } from './evaluation/clock.ts';
import { type Ending, encodeResult, failedBy } from './evaluation/result.ts';
import { runEvaluation } from './evaluation/run.ts';

async function evaluate(stop: AbortSignal): Promise<Ending> {
  try {
    return await runEvaluation({
      order: evaluationOrderSchema.parse(JSON.parse(await readFile(join(paths.order, orderFile), 'utf8'))),
      directories: { data: paths.data },
      clock: systemClock,
      stop,
      log: (line) => console.log(line),
    });
  } catch (error) {
    console.error(error);
    return failedBy(error);
  }
}

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

const { exitCode, result } = await evaluate(stopping.signal);
if (result !== undefined) await writeFile(paths.terminationLog, encodeResult(result));
console.log(`the evaluation ended with exit code ${exitCode}`);
process.exit(exitCode);
