// A thread with the supervisors of many trainers: one HTTP server that answers on every loopback address, each a pod of
// its own. Some answer nonsense. Tells its port.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

const startedAt = performance.now();

/** Every second another epoch, so that every reading is one that would be shown. */
function report(): object {
  const seconds = (performance.now() - startedAt) / 1000;
  const epoch = Math.floor(seconds);
  const metrics = [{ name: 'loss', value: 1 / (1 + seconds) }];
  const totals = { totalSteps: 100_000, totalEpochs: 1000 };
  return { attempt: 1, stage: 'Fitting', step: epoch * 100, epoch, ...totals, idleSeconds: seconds % 1, metrics };
}

/** What a pod may do instead of answering, by the last number of its address. */
const misdeeds: Readonly<Record<number, (response: ServerResponse) => void>> = {
  1: (response) => response.end('x'.repeat(1_000_000)),
  2: (response) => response.end(JSON.stringify({ ...report(), step: -1 })),
  3: (response) => response.end(JSON.stringify({ ...report(), step: 'run `rm -rf /`' })),
  4: (response) => response.destroy(),
  5: () => {},
};

const server = createServer((request, response) => {
  const last = Number(request.socket.localAddress?.split('.').at(-1));
  const misdeed = misdeeds[last];
  if (misdeed) misdeed(response);
  else response.end(JSON.stringify(report()));
});

server.listen(0, '0.0.0.0', () => parentPort?.postMessage((server.address() as AddressInfo).port));
