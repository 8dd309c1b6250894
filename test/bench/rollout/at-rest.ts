// ModelDeployments that serve, and of which nothing is asked: what they cost the operator.
import { setTimeout as delay } from 'node:timers/promises';
import { resources } from '@sluice/operator/shell/resources.ts';
import { inParallel } from '../../in-parallel.ts';
import { chartOperator } from '../../integration/chart-rights.ts';
import { isChange } from '../control-plane/audit-log.ts';
import { watchOperator } from '../control-plane/gauge.ts';
import type { OperatorProcess } from '../control-plane/operator-process.ts';
import type { Place } from '../control-plane/place.ts';
import { names } from '../control-plane/workload.ts';
import { modelDeployment, rolloutNamespaces } from './objects.ts';
import { isAtRest } from './states.ts';
import { untilAll } from './until-all.ts';

type Report = (detail: string) => void;

/** The default of a ModelDeployment. */
const replicas = 2;
/** There is one version only: no step is ever made. */
const stepSeconds = 5;
const writers = 16;
/** What the cluster still does for pods that have just started is no rest, nor is what the operator still tells of them. */
const calmMs = 15_000;
const calmWithinMs = 120_000;

/** How many of `count` ModelDeployments are in each namespace: as many in one as in the next. */
export function restingNames(count: number): readonly { readonly namespace: string; readonly names: string[] }[] {
  const share = Math.ceil(count / rolloutNamespaces.resting.length);
  return rolloutNamespaces.resting.map((namespace, index) => ({
    namespace,
    names: names('rest', Math.max(0, Math.min(share, count - index * share))),
  }));
}

/** Makes what is missing of `count`, all in namespaces of their own; resolves when all are at rest. */
export async function bringToRest({ client }: Place, count: number, report: Report): Promise<void> {
  let earlier = 0;
  for (const { namespace, names: all } of restingNames(count)) {
    const found = (await client.list(resources.modelDeployments, { namespace })).items;
    const known = new Set(found.map(({ metadata }) => metadata.name));
    const missing = all.filter((name) => !known.has(name));
    const make = (name: string) =>
      client.create(resources.modelDeployments, modelDeployment(name, 1, { namespace, replicas, stepSeconds }));
    await inParallel(missing, writers, make);
    const awaited = { resource: resources.modelDeployments, namespace, names: all, holds: isAtRest(1) };
    const soFar = earlier;
    await untilAll(client, { ...awaited, report: (detail) => report(`${soFar} and ${detail}`) });
    earlier += all.length;
  }
}

export type AtRest = {
  readonly count: number;
  /** Share of one core. */
  readonly cpuPercent: number;
  readonly rssMiB: number;
  readonly writes: number;
};

/** What the operator has changed since so many requests. */
const ownChanges = async (place: Place, since: number) =>
  (await place.requests()).slice(since).filter((each) => each.user === chartOperator.name && isChange(each));

/** Waits until the operator has written nothing for a while, but not for ever: what it writes is counted then. */
async function untilCalm(place: Place): Promise<void> {
  const deadline = performance.now() + calmWithinMs;
  let before: number;
  do {
    before = (await place.requests()).length;
    await delay(calmMs);
  } while ((await ownChanges(place, before)).length > 0 && performance.now() < deadline);
}

/** Looks at the operator for `seconds` in which nobody changes anything. */
export async function lookAtRest(
  place: Place,
  operator: OperatorProcess,
  { count, seconds }: { readonly count: number; readonly seconds: number },
): Promise<AtRest> {
  await untilCalm(place);
  const before = (await place.requests()).length;
  const beganMs = performance.now();
  const { seen } = await watchOperator(operator, () => delay(seconds * 1000));
  const cpuPercent = (100_000 * seen.processorSeconds) / (performance.now() - beganMs);
  const writes = (await ownChanges(place, before)).length;
  return { count, cpuPercent, rssMiB: seen.rssMiB, writes };
}
