// Answers the progress question for every trainer that kwok pretends to run: the operator asks as it asks real ones.
import { createServer } from 'node:http';
import { type ProgressReport, ports } from '@sluice/crds/contract.ts';

const report: ProgressReport = {
  attempt: 1,
  stage: 'Fitting',
  step: 50,
  totalSteps: 100,
  epoch: 1,
  totalEpochs: 2,
  etaSeconds: 1,
  idleSeconds: 0,
  metrics: [{ name: 'loss', value: 0.5 }],
};

/** Of the loopback network, and seldom in use: other tests may play trainers at other addresses of this machine. */
export const trainersAddress = '127.64.0.1';

/** Listens on the trainers' port of that address; rejects when it is taken. */
export function answerForTrainers(): Promise<{ stop(): Promise<void> }> {
  const body = JSON.stringify(report);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(body);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(ports.progress, trainersAddress, () =>
      resolve({
        stop: () =>
          new Promise((stopped) => {
            server.close(() => stopped());
            server.closeAllConnections();
          }),
      }),
    );
  });
}
