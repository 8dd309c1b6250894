// What is measured, scene by scene, on one place.
import { setTimeout as delay } from 'node:timers/promises';
import { attemptName, labels } from '@sluice/operator/core/names.ts';
import type { WatchEvent } from '@sluice/operator/kube/cache/watch-lines.ts';
import type { KubeObject, Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { inParallel } from '../../in-parallel.ts';
import { chartOperator } from '../../integration/chart-rights.ts';
import { sumOf } from '../../metrics-text.ts';
import { isWrite, type Request, tally } from './audit-log.ts';
import { type Life, playCrowd } from './crowd.ts';
import { finishedCopies, holds } from './finished.ts';
import { type Seen, watchOperator } from './gauge.ts';
import { type OperatorProcess, untilReady } from './operator-process.ts';
import type { Place } from './place.ts';
import { quantile } from './quantile.ts';
import { names, namespaces, plainJob, trainingJob } from './workload.ts';

type Report = (detail: string) => void;

const controlPlane = [chartOperator.name, 'system:kube-controller-manager', 'system:kube-scheduler'];

/** Quiet seconds before figures of a scene are taken: Events and late status writes belong to it. */
const settleMs = 3000;

/** The requests that are answered while `work` goes on and settles. */
async function audited<T>(place: Place, work: () => Promise<T>): Promise<{ result: T; requests: readonly Request[] }> {
  const before = (await place.requests()).length;
  const result = await work();
  await delay(settleMs);
  return { result, requests: (await place.requests()).slice(before) };
}

/** Milliseconds from the request that creates a TrainingJob to the watch event of its Job, one after the other. */
export async function singles(place: Place, count: number, report: Report): Promise<readonly number[]> {
  const taken: number[] = [];
  for (const name of names('single', count)) {
    taken.push(await single(place, name));
    report(`${taken.length} of ${count}`);
  }
  return taken;
}

async function single({ client }: Place, name: string): Promise<number> {
  const stop = new AbortController();
  const { resourceVersion } = await client.list(RESOURCES.jobs, { namespace: 'kube-system' });
  const watching = { namespace: namespaces.training, resourceVersion, timeoutSeconds: 60, signal: stop.signal };
  const made = untilMade(client.watch(RESOURCES.jobs, watching), attemptName(name, 1));
  await delay(50);
  const createdAtMs = performance.now();
  await client.create(resources.trainingJobs, trainingJob(name));
  const tookMs = (await made) - createdAtMs;
  stop.abort();
  await untilFinished(() => client.get(resources.trainingJobs, { namespace: namespaces.training, name }));
  return tookMs;
}

/** Late news of the jobs before may come first. @returns when the object of that name was seen. */
async function untilMade(events: AsyncIterable<WatchEvent<KubeObject>>, name: string): Promise<number> {
  for await (const event of events) {
    if (event.type === 'ADDED' && event.object.metadata.name === name) return performance.now();
  }
  throw new Error(`No Job ${name} was made within a minute.`);
}

async function untilFinished(read: () => Promise<Stored>): Promise<void> {
  while (!holds(await read(), 'Complete')) await delay(100);
}

/** What a crowd of jobs took. */
export type CrowdFigures = {
  /** From the first request to the last job's end. */
  readonly finishedSeconds: number;
  /** From a job's own request to its pod, over all jobs. */
  readonly podP50Seconds: number;
  readonly podP99Seconds: number;
  /** Writes of operator, controllers and scheduler, without Events; not those of the user and of the nodes. */
  readonly controlPlaneWrites: number;
  readonly operatorWrites: number;
  readonly requests: readonly (readonly [what: string, times: number])[];
};

function crowdFigures(lives: readonly Life[], requests: readonly Request[]): CrowdFigures {
  const began = Math.min(...lives.map(({ createdAtMs }) => createdAtMs));
  const ended = Math.max(...lives.map(({ finishedAtMs }) => finishedAtMs ?? Number.POSITIVE_INFINITY));
  const toPod = lives.map(({ createdAtMs, podAtMs }) => ((podAtMs ?? Number.POSITIVE_INFINITY) - createdAtMs) / 1000);
  const writes = requests.filter(isWrite);
  return {
    finishedSeconds: (ended - began) / 1000,
    podP50Seconds: quantile(toPod, 0.5),
    podP99Seconds: quantile(toPod, 0.99),
    controlPlaneWrites: writes.filter(({ user }) => controlPlane.includes(user)).length,
    operatorWrites: writes.filter(({ user }) => user === chartOperator.name).length,
    requests: tally(requests),
  };
}

/** Plain Jobs, all at once. */
export async function plainCrowd(place: Place, prefix: string, count: number, report: Report): Promise<CrowdFigures> {
  const { result, requests } = await audited(place, () =>
    playCrowd({
      client: place.client,
      resource: RESOURCES.jobs,
      objects: names(prefix, count).map(plainJob),
      namespace: namespaces.plain,
      ownerOfPod: ({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-name'],
      isFinished: (object) => holds(object, 'Complete'),
      report,
    }),
  );
  return crowdFigures(result, requests);
}

/** TrainingJobs, all at once. */
export async function trainingCrowd(
  place: Place,
  operator: OperatorProcess,
  { prefix, count, report }: { readonly prefix: string; readonly count: number; readonly report: Report },
): Promise<CrowdFigures & { readonly operator: Seen }> {
  const play = () =>
    playCrowd({
      client: place.client,
      resource: resources.trainingJobs,
      objects: names(prefix, count).map(trainingJob),
      namespace: namespaces.training,
      ownerOfPod: ({ metadata }) => metadata.labels?.[labels.trainingJob],
      isFinished: (object) => holds(object, 'Complete'),
      report,
    });
  const { result, seen } = await watchOperator(operator, () => audited(place, play));
  return { ...crowdFigures(result.result, result.requests), operator: seen };
}

/** An operator that has nothing to do. */
export async function idle(operator: OperatorProcess): Promise<Seen> {
  await untilReady(operator);
  await delay(settleMs);
  const { seen } = await watchOperator(operator, () => delay(settleMs));
  return seen;
}

/**
 * Stores finished TrainingJobs with their ModelVersions until there are `count`. No operator may run meanwhile: it would
 * take an object without a status for a new one.
 */
export async function storeFinished(place: Place, count: number, report: Report): Promise<void> {
  const { client } = place;
  const copyAs = await finishedCopies(place);
  let stored = (await client.list(resources.trainingJobs, { namespace: namespaces.training })).items.length;
  await inParallel(names('stored', count - stored), 16, async (name) => {
    const copy = copyAs(name);
    const job = await client.create(resources.trainingJobs, copy.job);
    await client.applyStatus(resources.trainingJobs, copy.jobStatus);
    await client.create(resources.configMaps, copy.numbers(job.metadata.uid));
    await client.create(resources.modelVersions, copy.version(job.metadata.uid));
    await client.applyStatus(resources.modelVersions, copy.versionStatus);
    stored += 1;
    report(`${stored} of ${count} are stored`);
  });
}

/** What a start with many stored objects takes. */
export type StartFigures = {
  /** From the start of the process until it says that its caches are filled. */
  readonly readySeconds: number;
  /** From the start of the process until each TrainingJob and ModelVersion was reconciled. */
  readonly syncedSeconds: number;
  readonly writes: number;
  readonly requests: readonly (readonly [what: string, times: number])[];
  readonly operator: Seen;
};

/** Starts an operator on a cluster that holds `count` finished TrainingJobs. */
export async function startFull(place: Place, count: number, nodeFlags: readonly string[]): Promise<StartFigures> {
  const before = (await place.requests()).length;
  const operator = await place.program.start(nodeFlags);
  try {
    const { result, seen } = await watchOperator(operator, async () => {
      await untilReady(operator);
      const readySeconds = (performance.now() - operator.startedAtMs) / 1000;
      while (!(await hasReconciled(operator, count))) await delay(100);
      const syncedSeconds = (performance.now() - operator.startedAtMs) / 1000;
      await delay(settleMs);
      return { readySeconds, syncedSeconds };
    });
    const requests = (await place.requests()).slice(before);
    const own = requests.filter(({ user }) => user === chartOperator.name);
    return { ...result, writes: own.filter(isWrite).length, requests: tally(own), operator: seen };
  } finally {
    await operator.stop();
  }
}

async function hasReconciled(operator: OperatorProcess, count: number): Promise<boolean> {
  const metrics = await operator.metrics();
  const done = (controller: string) => sumOf(metrics, 'sluice_reconcile_total', `controller="${controller}"`);
  return done('trainingjob') >= count && done('modelversion') >= count;
}
