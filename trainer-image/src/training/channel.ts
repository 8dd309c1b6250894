// The training process's end of the line to its supervisor: signs go out between batches, a drain order comes in.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FitProgress } from '../fitting/engine.ts';
import type { Sign } from '../messages.ts';

/** Longest time that messages wait for computation, in milliseconds. */
const turnMilliseconds = 50;

/** What training says and hears. */
export type Channel = {
  send(sign: Sign): void;
  /** Lets messages through if the last turn was long ago. */
  turn(): Promise<void>;
  /** Whether the supervisor asked to stop. */
  readonly draining: boolean;
};

/** Ends of a line: how to send, and whether a drain order has arrived. */
export type Line = { send(sign: Sign): void; isDraining(): boolean; now(): number };

/** Makes a channel that gives the event loop a turn at most every 50 ms: TensorFlow computes synchronously. */
export function makeChannel(line: Line): Channel {
  let lastTurn = line.now();
  return {
    send: (sign) => line.send(sign),
    async turn() {
      if (line.now() - lastTurn < turnMilliseconds) return;
      await nextTurn();
      lastTurn = line.now();
    },
    get draining() {
      return line.isDraining();
    },
  };
}

/** The sign that tells of a step, with the numbers of the last epoch. */
export function stepSign(
  progress: FitProgress,
  run: { totalEpochs: number; learningRate: number; regression: boolean },
): Sign {
  const { step, totalSteps, epoch, metrics } = progress;
  const quality = run.regression ? 'mae' : 'accuracy';
  const named = [{ name: 'learning_rate', value: run.learningRate } as const];
  const training =
    metrics === undefined
      ? []
      : [{ name: 'loss', value: metrics.loss } as const, { name: quality, value: metrics.quality } as const];
  const validation =
    metrics?.validation === undefined
      ? []
      : [
          { name: 'val_loss', value: metrics.validation.loss } as const,
          { name: `val_${quality}`, value: metrics.validation.quality } as const,
        ];
  return {
    type: 'Step',
    step,
    totalSteps,
    epoch,
    totalEpochs: run.totalEpochs,
    metrics: [...named, ...training, ...validation],
  };
}
