// Many rollouts at the same moment, and as many plain Deployments that get another image.
import { setTimeout as delay } from 'node:timers/promises';
import { labels } from '@sluice/operator/core/names.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { inParallel } from '../../in-parallel.ts';
import { chartOperator } from '../../integration/chart-rights.ts';
import { isChange, type Request, tally } from '../control-plane/audit-log.ts';
import type { Place } from '../control-plane/place.ts';
import { names } from '../control-plane/workload.ts';
import { modelDeployment, plainDeployment, rolloutNamespaces } from './objects.ts';
import { Phases, type PhaseTime } from './phases.ts';
import { isAtRest, isLive, isRolledOut } from './states.ts';
import { untilAll } from './until-all.ts';

type Report = (detail: string) => void;

/** Requests under way at once while specs are changed. */
const writers = 16;
/** Quiet time before requests are counted: Events and late writes belong to the rollouts. */
const usualSettleMs = 5000;

export const { rollouts: namespace } = rolloutNamespaces;
export const rollingNames = (count: number) => names('canary', count);

export type Crowd = {
  readonly count: number;
  /** Of each of the two steps. */
  readonly stepSeconds: number;
  readonly report: (detail: string) => void;
  /** Quiet time before requests are counted; 5 seconds when absent. */
  readonly settleMs?: number;
};

const at = (name: string, number: number, { stepSeconds }: Crowd) =>
  modelDeployment(name, number, { namespace, replicas: 1, stepSeconds });

/** Brings the first version of each up. */
export async function serveFirst({ client }: Place, crowd: Crowd): Promise<void> {
  const all = rollingNames(crowd.count);
  const { report } = crowd;
  await inParallel(all, writers, (name) => client.create(resources.modelDeployments, at(name, 1, crowd)));
  await untilAll(client, { resource: resources.modelDeployments, namespace, names: all, holds: isAtRest(1), report });
}

export type AtOnce = {
  /** From the first change of a spec until every rollout is promoted. */
  readonly promotedSeconds: number;
  /** Until the revision before is gone everywhere, too. */
  readonly restSeconds: number;
  readonly phases: readonly PhaseTime[];
  /** Of the operator, Events among them, until everything is at rest. */
  readonly writes: number;
  readonly eventWrites: number;
  readonly requests: readonly (readonly [what: string, times: number])[];
};

const isOfOperator = ({ user }: Request) => user === chartOperator.name;

/** Another version for all of them. */
export async function rollAllOut(place: Place, crowd: Crowd): Promise<AtOnce> {
  const { client } = place;
  const all = rollingNames(crowd.count);
  const awaited = { resource: resources.modelDeployments, namespace, names: all, report: crowd.report };
  const before = (await place.requests()).length;
  const phases = new Phases(2);
  const beganMs = performance.now();
  const seconds = () => (performance.now() - beganMs) / 1000;
  await inParallel(all, writers, (name) => client.apply(resources.modelDeployments, at(name, 2, crowd)));
  const note = (object: KubeObject) => {
    phases.note(object);
    return isLive(2)(object);
  };
  await untilAll(client, { ...awaited, holds: note });
  const promotedSeconds = seconds();
  await untilAll(client, { ...awaited, holds: isAtRest(2) });
  await untilOldIsGone(place, crowd.count);
  const restSeconds = seconds();
  await delay(crowd.settleMs ?? usualSettleMs);
  const own = (await place.requests()).slice(before).filter(isOfOperator);
  const changes = own.filter(isChange);
  const eventWrites = changes.filter(({ resource }) => resource.startsWith('events')).length;
  return {
    promotedSeconds,
    restSeconds,
    phases: phases.times(),
    writes: changes.length,
    eventWrites,
    requests: tally(own),
  };
}

/** Until each of them has one Deployment of servers. */
async function untilOldIsGone({ client }: Place, count: number): Promise<void> {
  const labelSelector = `${labels.component}=server`;
  const left = async () =>
    (await client.list(RESOURCES.deployments, { namespace, labelSelector })).items.length - count;
  while ((await left()) > 0) await delay(500);
}

/** Plain Deployments of one pod: seconds from the first change of an image until all are rolled out. */
export async function rollPlain({ client }: Place, count: number, report: Report): Promise<number> {
  const all = names('plain', count);
  const awaited = { resource: RESOURCES.deployments, namespace: rolloutNamespaces.plain, names: all, report };
  const apply = (revision: number) =>
    inParallel(all, writers, (name) => client.apply(RESOURCES.deployments, plainDeployment(name, revision)));
  await apply(1);
  await untilAll(client, { ...awaited, holds: isRolledOut });
  const beganMs = performance.now();
  await apply(2);
  await untilAll(client, { ...awaited, holds: isRolledOut });
  return (performance.now() - beganMs) / 1000;
}
