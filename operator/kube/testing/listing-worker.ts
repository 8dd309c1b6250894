// A thread that lists, indexes and enqueues objects, and says how long its event loop was held at most while it did.
import { parentPort, workerData } from 'node:worker_threads';
import { Reflector } from '../cache/reflector.ts';
import { Store } from '../cache/store.ts';
import { KubeClient } from '../client.ts';
import { toController, toSelf, type Waker, watch } from '../controller/watches.ts';
import { WorkQueue } from '../controller/work-queue.ts';
import type { Resource } from '../objects.ts';
import { createTransport } from '../transport/transport.ts';
import { accessTo } from './http-server.ts';

/** What the thread is given. */
export interface ListingOrder {
  readonly server: string;
  readonly resource: Resource;
}

/** What it found; `longestTurnMs` is in milliseconds of this thread's CPU, which other programs do not lengthen. */
export interface ListingReport {
  readonly objects: number;
  readonly keys: number;
  readonly longestTurnMs: number;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Measures each turn of the event loop until the returned function is called, the one of that call included. */
function measureTurns(): () => Promise<number> {
  let longestMs = 0;
  let beganMs = cpuMs();
  let next: NodeJS.Immediate;
  const turn = (): void => {
    const nowMs = cpuMs();
    longestMs = Math.max(longestMs, nowMs - beganMs);
    beganMs = nowMs;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    clearImmediate(next);
    return longestMs;
  };
}

const { server, resource } = workerData as ListingOrder;
const transport = createTransport(accessTo(server), { userAgent: 'test/1' });
const client = new KubeClient(transport, { fieldManager: 'test' });
const store = new Store();
const queue = new WorkQueue({ name: 'test' });
const waker: Waker = {
  wake: (key) => queue.add(key),
  failed: (error) => {
    throw error;
  },
};
const watches = [toSelf, toController({ kind: 'TrainingJob' })].map((mapper) => watch(store, mapper));
for (const each of watches) each.begin(waker);
const stop = new AbortController();
const endMeasuring = measureTurns();
const running = new Reflector({ client, resource, store }).run(stop.signal);
await store.synced();
for (const each of watches) await each.wakeAll(waker, stop.signal);
const report: ListingReport = { objects: store.size, keys: queue.depth, longestTurnMs: await endMeasuring() };
parentPort?.postMessage(report);
stop.abort();
await running;
await transport.close();
