// What the gateway pods are known to do with a deployment's routes. A claim about them needs an answer of every pod that
// gets requests, and of every pod that is about to.

import { revisionName } from '../../names.ts';
import type { Instant } from '../../plan.ts';
import type { ObservedPod } from '../../pods/observed.ts';
import type { PodMaker } from '../../pods/startup.ts';
import { mountedBy } from '../access/pods.ts';
import type { Refused } from '../delivery/refusals.ts';
import { letsIn } from '../envoy/access/at-pod.ts';
import type { GatewayReading, GatewaySilence, GatewayState } from '../observed.ts';
import { isReady } from '../plan.ts';
import type { Route, RoutingTable } from '../routes.ts';

export type GatewayView = {
  readonly deployment: string;
  /** The persisted routing table of the namespace. */
  readonly table: RoutingTable | undefined;
  readonly pods: readonly ObservedPod[];
  /** The Deployment that makes them. */
  readonly maker?: PodMaker | undefined;
  readonly readings: readonly GatewayReading[];
  readonly silences: readonly GatewaySilence[];
  readonly now: Instant;
};

/** An older answer does not say what holds now. */
const readingMaxAgeMs = 10_000;

/** The deployment's entry in the table. */
export const routeOf = ({ deployment, table }: Pick<GatewayView, 'deployment' | 'table'>): Route | undefined =>
  table?.routes.find((route) => route.deployment === deployment);

const readingOf = ({ readings }: GatewayView, pod: ObservedPod) =>
  readings.find(({ podUid }) => podUid === pod.metadata.uid);

/** What the pod said lately. */
function freshReadingOf(view: GatewayView, pod: ObservedPod): GatewayReading | undefined {
  const reading = readingOf(view, pod);
  return reading !== undefined && view.now - reading.at <= readingMaxAgeMs ? reading : undefined;
}

/** What is not known of the requests just now, in words: each ready gateway pod has counted some. */
export function missingReadings(view: GatewayView): string | undefined {
  const ready = view.pods.filter(isReady);
  const read = ready.filter((pod) => freshReadingOf(view, pod) !== undefined);
  if (ready.length > 0 && read.length === ready.length) return undefined;
  return ready.length === 0 ? 'no gateway pod is ready' : `${read.length} of ${ready.length} gateway pods were read`;
}

/** When the newest reading was taken; `now` without any. */
export const lastReadingAt = ({ readings, now }: GatewayView): Instant =>
  readings.length === 0 ? now : Math.max(...readings.map(({ at }) => at));

/** Ready pods, and those that answer: a pod that does is about to get requests, or still gets the last ones. */
export function activeGateways(view: GatewayView): ObservedPod[] {
  return view.pods.filter((pod) => isReady(pod) || freshReadingOf(view, pod) !== undefined);
}

/**
 * Whether the pod has the deployment's entry as the table has it. A pod that is ahead of the table has one that was lost,
 * or this view is old: either way nothing is known.
 */
export function hasEntry(report: GatewayState, view: Pick<GatewayView, 'deployment' | 'table'>): boolean {
  const route = routeOf(view);
  if (!route || !view.table) return false;
  const { version } = view.table;
  if (report.refusals.deployments.includes(view.deployment)) return false;
  const has = [report.clusters, report.listeners, report.routes[view.deployment] ?? 0];
  return has.every((known) => known >= route.changedIn && known <= version);
}

/** Active gateway pods that are not known to have the deployment's entry. */
export const laggingGateways = (view: GatewayView): ObservedPod[] =>
  activeGateways(view).filter((pod) => {
    const reading = readingOf(view, pod);
    return reading === undefined || !hasEntry(reading.report, view);
  });

export type SeenRefusal = {
  /** Name of the gateway pod. */
  readonly pod: string;
  /** Envoy's, unless it refuses more than is told of. */
  readonly words: Refused | undefined;
};

/** What active gateway pods refuse of the deployment, as they said last. */
export const refusalsOf = (view: GatewayView): SeenRefusal[] =>
  activeGateways(view).flatMap((pod): SeenRefusal[] => {
    const refusals = readingOf(view, pod)?.report.refusals;
    if (!refusals?.deployments.includes(view.deployment)) return [];
    return [{ pod: pod.metadata.name, words: refusals.words.find(({ deployment }) => deployment === view.deployment) }];
  });

/** Active gateway pods that are not known to have found a pod of the revision lately. */
export function gatewaysWithoutHosts(revision: string, view: GatewayView): ObservedPod[] {
  const backend = revisionName(view.deployment, revision);
  return activeGateways(view).filter((pod) => (freshReadingOf(view, pod)?.report.hosts[backend] ?? 0) === 0);
}

/**
 * Whether no active gateway pod says that it finds no pod of the revision. One that is silent, or does not know the backend,
 * says nothing of it: absent is not 0.
 */
export function isFound(revision: string, view: GatewayView): boolean {
  const backend = revisionName(view.deployment, revision);
  return activeGateways(view).every((pod) => freshReadingOf(view, pod)?.report.hosts[backend] !== 0);
}

/** Whether there is a ready gateway pod, and each of them says that it finds no pod of the revision. */
export function isFoundNowhere(revision: string, view: GatewayView): boolean {
  const backend = revisionName(view.deployment, revision);
  const ready = view.pods.filter(isReady);
  return ready.length > 0 && ready.every((pod) => freshReadingOf(view, pod)?.report.hosts[backend] === 0);
}

/** Whether a ready gateway pod lets those in who do as the rules on access say. */
export const isOpen = ({ pods, table }: GatewayView): boolean =>
  pods.some((pod) => isReady(pod) && letsIn(table?.rules, mountedBy(pod)));

/** Whether a gateway pod is there to answer requests. */
export const hasGateway = ({ pods }: GatewayView): boolean => pods.some(isReady);

/** Whether a gateway is there, and every one that is active has the deployment's entry. */
export const isTaken = (view: GatewayView): boolean => hasGateway(view) && laggingGateways(view).length === 0;
