// A worker thread: loads and warms the model, then answers one task at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { maxNonFiniteRows } from '@sluice/crds/contract.ts';
import { cutEnd, printable } from '@sluice/crds/text.ts';
import { BundleError } from '@sluice/model/bundle-error.ts';
import { DataError } from '@sluice/model/data-error.ts';
import type { PredictFailure, PredictTask, WorkerMessage, WorkerSetup } from './messages.ts';
import { NonFiniteError, openPredictor, type Predictor } from './predictor.ts';

/** Longest message of a BundleRejection. */
const maxMessageLength = 1024;

const port = parentPort;
if (!port) throw new Error('worker.ts runs in a worker thread only');

const say = (message: WorkerMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

function asFailure(error: unknown): PredictFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DataError) return { kind: 'BadInput', message };
  if (error instanceof NonFiniteError) {
    const { rows } = error;
    return { kind: 'NonFinite', message, rows: rows.length, firstRows: rows.slice(0, maxNonFiniteRows) };
  }
  return { kind: 'Internal', message };
}

function answer(predictor: Predictor, task: PredictTask): void {
  const startedAt = performance.now();
  try {
    const outputs = predictor.predict(task);
    const buffers = outputs.flatMap(({ data }) => (Array.isArray(data) ? [] : [data.buffer as ArrayBuffer]));
    say({ type: 'Done', prediction: { outputs, computeMilliseconds: performance.now() - startedAt } }, buffers);
  } catch (error) {
    say({ type: 'Failed', failure: asFailure(error) });
  }
}

try {
  const predictor = await openPredictor(workerData as WorkerSetup);
  port.on('message', (task: PredictTask) => answer(predictor, task));
  say({ type: 'Ready', signature: predictor.signature });
} catch (error) {
  // Anything else (no memory, no .wasm file) is not the bundle's fault: the thread dies of it.
  if (!(error instanceof BundleError)) throw error;
  say({
    type: 'Refused',
    rejection: { reason: error.reason, message: cutEnd(printable(error.message), maxMessageLength) },
  });
}
