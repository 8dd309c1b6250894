// A worker thread that speaks the pool's language but runs no model: the number of rows of a task is its command.
import { Worker } from 'node:worker_threads';
import type { BundleRejection } from '@sluice/crds/contract.ts';
import type { Signature } from '../workers/messages.ts';

/** Commands: a task of so many rows makes the worker do this. Any other number is answered as the value. */
export const commands = { crash: 901, hang: 902, badInput: 903, nonFinite: 904 } as const;

export const scriptedSignature: Signature = {
  inputs: [{ name: 'x', datatype: 'FP64', shape: [-1] }],
  outputs: [{ name: 'value', datatype: 'FP64', shape: [-1] }],
};

/** While closed, workers with this gate answer nothing. */
export class Gate {
  readonly buffer = new SharedArrayBuffer(4);
  #cell = new Int32Array(this.buffer);

  constructor(isOpen: boolean) {
    Atomics.store(this.#cell, 0, Number(isOpen));
  }

  open(): void {
    Atomics.store(this.#cell, 0, 1);
    Atomics.notify(this.#cell, 0);
  }
}

export type Script = {
  readonly gate?: Gate;
  /** Said instead of Ready. */
  readonly rejection?: BundleRejection;
  /** The thread ends before it says anything. */
  readonly diesAtStart?: boolean;
};

const code = `
const { parentPort, workerData } = require('node:worker_threads');
const { commands, gate, rejection, diesAtStart, signature } = workerData;
if (diesAtStart) process.exit(7);
const cell = new Int32Array(gate);
parentPort.on('message', ({ rows }) => {
  if (rows === commands.crash) throw new Error('scripted crash');
  if (rows === commands.hang) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  Atomics.wait(cell, 0, 0);
  const failed = (failure) => parentPort.postMessage({ type: 'Failed', failure });
  if (rows === commands.badInput) return failed({ kind: 'BadInput', message: 'scripted bad input' });
  if (rows === commands.nonFinite) return failed({ kind: 'NonFinite', message: 'scripted NaN', rows: 2, firstRows: [0, 7] });
  const outputs = [{ name: 'value', datatype: 'FP64', shape: [1], data: Float64Array.of(rows) }];
  parentPort.postMessage({ type: 'Done', prediction: { outputs, computeMilliseconds: 1 } });
});
parentPort.postMessage(rejection ? { type: 'Refused', rejection } : { type: 'Ready', signature });
`;

export function scriptedWorker({ gate = new Gate(true), rejection, diesAtStart }: Script = {}): Worker {
  const workerData = { commands, gate: gate.buffer, rejection, diesAtStart, signature: scriptedSignature };
  return new Worker(code, { eval: true, workerData, stderr: true });
}
