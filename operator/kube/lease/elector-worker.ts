// The elector's thread: its own connection, its own event loop. Nothing that the main thread does delays a renewal.
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { loadClusterAccess } from '../access/cluster-access.ts';
import { KubeClient } from '../client.ts';
import { systemClock } from '../clock.ts';
import type { Instruments } from '../instruments.ts';
import { createTransport } from '../transport/transport.ts';
import type { ElectorOrder, ElectorReport } from './elector-thread.ts';
import { LeaderElector } from './lease.ts';
import type { LeaseTiming } from './lease-decision.ts';
import { SharedTenure } from './tenure.ts';

const STANDARD_ERROR = 2;

function report(told: ElectorReport): void {
  parentPort?.postMessage(told);
}

const instruments: Instruments = {
  count: (name, labels, by) => report({ type: 'figure', call: 'count', name, labels, value: by ?? 1 }),
  gauge: (name, value, labels) => report({ type: 'figure', call: 'gauge', name, labels, value }),
  observe: (name, value, labels) => report({ type: 'figure', call: 'observe', name, labels, value }),
};

/**
 * A main thread that stands still, or waits for something, does not end the process. It is ended from here, before
 * another candidate may take the lease: what the main thread would send when it goes on is never sent.
 */
function endProcessSoon({ leaseSeconds, renewSeconds }: LeaseTiming, reason: string): void {
  const message = `${reason}, and the process did not end by itself`;
  systemClock.after(((leaseSeconds - renewSeconds) * 1000) / 2, () => {
    writeSync(STANDARD_ERROR, `${JSON.stringify({ level: 'error', message })}\n`);
    process.kill(process.pid, 'SIGKILL');
  });
}

const { cluster, userAgent, fieldManager, lease, timing, memory } = workerData as ElectorOrder;
const stop = new AbortController();
parentPort?.on('message', () => stop.abort());
const tenure = new SharedTenure(memory);
const transport = createTransport(await loadClusterAccess(cluster), { userAgent, connections: 1, instruments });
const elector = new LeaderElector({
  ...lease,
  timing,
  client: new KubeClient(transport, { fieldManager }),
  stillForMs: () => tenure.stillForMs(systemClock),
  tenure,
  instruments,
  onContact: () => tenure.hear(systemClock),
  onError: (error) => report({ type: 'trouble', message: error instanceof Error ? error.message : String(error) }),
});
await elector.run(stop.signal, {
  onAcquired: () => report({ type: 'acquired' }),
  onLost: (reason) => {
    report({ type: 'lost', reason });
    endProcessSoon(timing, reason);
  },
});
await transport.close();
parentPort?.close();
