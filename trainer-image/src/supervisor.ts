// PID 1 of the trainer's container: reads the pod contract, supervises one attempt, leaves its result and exit code.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { exitCodes, orderFile, paths, ports } from '@sluice/crds/contract.ts';
import { cutEnd, printable } from '@sluice/crds/text.ts';
import { trainingOrderSchema } from '@sluice/crds/training-order.ts';
import type { TrainingOrder } from './messages.ts';
import { supervise } from './supervision/supervise.ts';
import { writeResult } from './supervision/termination-message.ts';
import type { Verdict } from './supervision/verdict.ts';

/** The kubelet kills after 30 s (its default grace); the rest is for the termination message. */
const drainMilliseconds = 25_000;

async function readOrder(): Promise<{ readonly order: TrainingOrder; readonly attempt: number }> {
  const text = await readFile(join(paths.order, orderFile), 'utf8');
  const { spec, owner, attempt } = trainingOrderSchema.parse(JSON.parse(text));
  const directories = { data: paths.data, storage: paths.storage };
  return { order: { spec, ownerUid: owner.uid, directories }, attempt };
}

/** A supervisor that cannot do its work blames itself. */
function blameItself(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: exitCodes.Internal,
    result: { failure: { class: 'Internal', message: cutEnd(printable(`The supervisor failed: ${message}`), 1024) } },
  };
}

async function runAttempt(stop: AbortSignal): Promise<Verdict> {
  try {
    return await supervise({
      ...(await readOrder()),
      childPath: fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'train.ts' : 'train.mjs', import.meta.url)),
      port: ports.progress,
      cgroupMount: '/sys/fs/cgroup',
      drainMilliseconds,
      stop,
      now: () => performance.now(),
    });
  } catch (error) {
    console.error(error);
    return blameItself(error);
  }
}

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

const { exitCode, result } = await runAttempt(stopping.signal);
if (result !== undefined) await writeResult(paths.terminationLog, result);
console.log(`attempt ended with exit code ${exitCode}`);
process.exit(exitCode);
