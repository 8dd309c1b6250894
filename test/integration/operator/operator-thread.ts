// A thread with the operator's part: the real controller of TrainingJobs beside trainers, against an apiserver that only
// counts. Tells what was written, and for how long its event loop stood still by its own doing.
import { parentPort, workerData } from 'node:worker_threads';
import type { Obstacle } from '@sluice/operator/kube/apply/apply-round.ts';
import { OwnWrites } from '@sluice/operator/kube/apply/own-writes.ts';
import { RefusedChildren } from '@sluice/operator/kube/apply/refused-children.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { EventRecorder } from '@sluice/operator/kube/events/events.ts';
import { noInstruments } from '@sluice/operator/kube/instruments.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { type Caches, listCaches } from '@sluice/operator/shell/caches.ts';
import { trainingJobController } from '@sluice/operator/shell/controllers/training-job.ts';
import { knownIdentity } from '@sluice/operator/shell/hop/testing/known-identity.ts';
import { trainingProgress } from '@sluice/operator/shell/measure/training-progress.ts';
import { RefusedPods } from '@sluice/operator/shell/refused-pods.ts';
import { parseSettings } from '@sluice/operator/shell/settings.ts';
import { CountingApiserver, type StatusWrite } from './counting-apiserver.ts';
import { watchStalls } from './own-stalls.ts';
import { cachesWith, type TrainerPlace } from './running-trainers.ts';

/** What the thread is given. */
export type OperatorOrder = {
  /** Of every supervisor. */
  readonly port: number;
  readonly places: readonly TrainerPlace[];
  /** How long it is watched once the status of every job was written. */
  readonly watchedMs: number;
};

/** What the thread tells at the end. */
export type OperatorReport = {
  /** Until the status of every job was written, and afterwards. */
  readonly transitions: readonly StatusWrite[];
  readonly writes: readonly StatusWrite[];
  /** Jobs that show progress at the end. */
  readonly shown: readonly string[];
  readonly longestStallMs: number;
};

const environment = {
  SLUICE_TRAINER_IMAGE: 'trainer',
  SLUICE_SERVER_IMAGE: 'server',
  SLUICE_GATEWAY_IMAGE: 'gateway',
  SLUICE_XDS_ADDRESS: 'xds:1',
};

function startController(caches: Caches, port: number) {
  const apiserver = new CountingApiserver(caches.trainingJobs);
  const client = new KubeClient(apiserver, { fieldManager: 'sluice' });
  const events = new EventRecorder({ client, component: 'test', instance: 'test' });
  const log = { write: () => {} };
  const ownWrites = new OwnWrites({ client, caches: listCaches(caches) });
  const settings = parseSettings(environment);
  const parts = {
    settings,
    identity: knownIdentity,
    client,
    caches,
    events,
    instruments: noInstruments,
    log,
    ownWrites,
    refused: new RefusedChildren<Obstacle>(),
    refusedPods: new RefusedPods({ client, caches, onTrouble: () => {} }),
  };
  const { controller, close } = trainingJobController(parts, { ...trainingProgress, port });
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  const end = async () => {
    stop.abort();
    ownWrites.close();
    await Promise.all([running, close()]);
  };
  return { apiserver, end };
}

async function watchOperator(order: OperatorOrder): Promise<OperatorReport> {
  const caches = cachesWith(order.places);
  const stalls = watchStalls();
  const { apiserver, end } = startController(caches, order.port);
  await until(() => apiserver.written.size === order.places.length, 60_000);
  const transitions = [...apiserver.writes];
  await new Promise((resolve) => setTimeout(resolve, order.watchedMs));
  const writes = apiserver.writes.slice(transitions.length);
  const longestStallMs = stalls.end();
  const jobs: readonly { metadata: { name: string }; status?: { progress?: object } }[] = caches.trainingJobs.all();
  const shown = jobs.filter(({ status }) => status?.progress !== undefined).map(({ metadata }) => metadata.name);
  await end();
  console.error('STALL', longestStallMs);
  return { transitions, writes, shown, longestStallMs };
}

parentPort?.postMessage(await watchOperator(workerData as OperatorOrder));
