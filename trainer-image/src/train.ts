// Entry point of the training process: waits for the supervisor's order, runs it, reports how it ended.
import { performance } from 'node:perf_hooks';
import { makeEagerEngine } from './fitting/eager-engine.ts';
import { loadNative } from './fitting/tensorflow.ts';
import type { Command, Sign, TrainingOrder } from './messages.ts';
import { makeChannel } from './training/channel.ts';
import { runTraining } from './training/run.ts';

/** Steps that follow each other faster than this are not reported. */
const quietMilliseconds = 20;

let draining = false;
let lastSent = Number.NEGATIVE_INFINITY;

function send(sign: Sign): void {
  const now = performance.now();
  const mayBeDropped = sign.type === 'Alive' || (sign.type === 'Step' && sign.step < sign.totalSteps);
  if (mayBeDropped && now - lastSent < quietMilliseconds) return;
  lastSent = now;
  process.send?.(sign);
}

async function train(order: TrainingOrder): Promise<void> {
  const outcome = await runTraining({
    order,
    loadEngine: () => makeEagerEngine(loadNative()),
    channel: makeChannel({ send, isDraining: () => draining, now: () => performance.now() }),
    now: () => performance.now(),
    log: (line) => console.log(line),
  });
  const last: Sign = { type: 'Ended', outcome };
  process.send?.(last, () => process.disconnect());
}

process.on('message', (command: Command) => {
  if (command.type === 'Drain') draining = true;
  else void train(command.order);
});
// Signals go to the whole process group; only the supervisor decides what they mean.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
