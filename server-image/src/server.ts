// Puts the server together: worker pool, the clients' port, the metrics port, and its way from start to drained.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { mayStopListening } from './drain.ts';
import { createApp } from './http/app.ts';
import { createMetricsListener } from './http/metrics-listener.ts';
import { initialState, type ServingState } from './http/serving-state.ts';
import { log } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { ServerIdentity } from './settings.ts';
import type { WorkerSetup } from './workers/messages.ts';
import { WorkerPool } from './workers/pool.ts';

const drainCheckMilliseconds = 50;

export type ServerOptions = ServerIdentity & {
  readonly modelDirectory: string;
  /** Directory of TensorFlow.js's .wasm files, with a slash at the end. */
  readonly wasmDirectory: string;
  readonly workerFile: URL;
  /** 0 takes any free port. */
  readonly httpPort: number;
  readonly metricsPort: number;
};

export type RunningServer = {
  readonly httpPort: number;
  readonly metricsPort: number;
  /** Settles when the model is loaded and warm; rejects as WorkerPool.start does. */
  readonly loaded: Promise<void>;
  /** Stops accepting, answers what is in flight within `drainSeconds`, ends the workers. Asked again, it is the same drain. */
  drain(): Promise<void>;
};

/** Listens at once, so that probes are answered while the model loads. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { model, settings, bundleDigest } = options;
  const state = initialState();
  const pool: WorkerPool = new WorkerPool({
    size: settings.workers,
    queueSize: settings.queueSize,
    timeoutMilliseconds: settings.requestTimeoutSeconds * 1000,
    spawn: () => new Worker(options.workerFile, { workerData: workerSetup(options) }),
    onLost: (reason) => {
      metrics.workersLost.inc();
      log('error', 'a worker thread was lost and is being replaced', { reason });
    },
  });
  const info = { model: model.name, version: model.version, digest: bundleDigest };
  const metrics = createMetrics(options.revision, info, {
    queued: () => pool.queued,
    running: () => pool.running,
    readyWorkers: () => pool.readyWorkers,
  });
  const { maxElements, maxRequestBytes, drainSeconds } = settings;
  const app = createApp({ state, identity: model, pool, metrics, maxElements, maxRequestBytes });
  await app.ready();
  const metricsListener = createMetricsListener(metrics.registry);
  const httpPort = await listen(app.server, options.httpPort);
  const metricsPort = await listen(metricsListener, options.metricsPort);
  const drain = async () => {
    state.phase = 'Draining';
    await stopListening(app.server, state, drainSeconds);
    await app.close();
    await pool.close();
    metricsListener.close();
    metricsListener.closeAllConnections();
  };
  let drained: Promise<void> | undefined;
  return {
    httpPort,
    metricsPort,
    loaded: load(pool, state),
    drain: () => {
      drained ??= drain();
      return drained;
    },
  };
}

function workerSetup({ modelDirectory, bundleDigest, wasmDirectory, settings }: ServerOptions): WorkerSetup {
  return { modelDirectory, bundleDigest, wasmDirectory, maxElements: settings.maxElements };
}

async function load(pool: WorkerPool, state: ServingState): Promise<void> {
  state.signature = await pool.start();
  if (state.phase === 'Starting') state.phase = 'Serving';
}

/** Listens on every address, IPv6 where there is one. */
function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(port, () => resolve((server.address() as AddressInfo).port));
  return promise;
}

/** Settles when nothing is in flight any more, or when `drainSeconds` are over: then the rest is cut off. */
async function stopListening(server: Server, state: ServingState, drainSeconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const check = setInterval(() => {
    const now = performance.now();
    const quiet = (now - Math.max(startedAt, state.lastArrival)) / 1000;
    if (!mayStopListening({ elapsed: (now - startedAt) / 1000, quiet, drainSeconds })) return;
    clearInterval(check);
    server.close(() => resolve());
    server.closeIdleConnections();
  }, drainCheckMilliseconds);
  const deadline = setTimeout(() => {
    log('warn', 'requests were still in flight at the end of drainSeconds and are cut off', { drainSeconds });
    server.closeAllConnections();
    resolve();
  }, drainSeconds * 1000);
  await promise;
  clearTimeout(deadline);
}
