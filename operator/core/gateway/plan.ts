// Decides what the gateway of a namespace shall be: its routing table, its pods, and which of them are asked what they know.
import { secondsSince } from '../conditions.ts';
import type { Child, Instant, MeasureRequest } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { gatewayChildren } from './children.ts';
import type { GatewayObserved, GatewayReading, GatewaySettings } from './observed.ts';
import { nextRoutingTable, type RoutingTable } from './routes.ts';

/** How often gateway pods are asked; a switch waits for their answers. */
const readingSeconds = 1;
/** While several backends are known: readings are then less than a second apart, the time of an answer included. */
const movingReadingSeconds = 0.9;
/** While a pod is about to take a new table: what it was asked for is known soon after it does it. */
const takingReadingSeconds = 0.2;
/** A pod that has not taken a table by then is in trouble, and is not asked so often any more. */
const takingSeconds = 10;

export type GatewayPlan = {
  /** The table that shall be persisted before anything else; the children belong to it. */
  readonly table: RoutingTable;
  readonly desired: readonly Child[];
  readonly measure: readonly MeasureRequest[];
};

/** Undefined when no ModelDeployment is left: the garbage collector removes the table, and with it the children. */
export function planGateway(
  observed: GatewayObserved,
  now: Instant,
  settings: GatewaySettings,
): GatewayPlan | undefined {
  const { namespace, requests, pods, readings } = observed;
  if (requests.length === 0) return undefined;
  const table = nextRoutingTable(requests, observed.table, { knownVersion: highestKnownVersion(readings), now });
  return {
    table,
    desired: gatewayChildren(namespace, settings),
    measure: pods.flatMap((pod) => readingOf(pod, readingInterval({ ...observed, table }, pod, now))),
  };
}

/** Seconds between two readings of a pod. */
function readingInterval({ requests, table, readings }: GatewayObserved, pod: ObservedPod, now: Instant): number {
  const report = readings.find(({ podUid }) => podUid === pod.metadata.uid)?.report;
  const isTaking = table?.routes.some(({ deployment, changedIn, changedAt }) => {
    const known = [report?.clusters, report?.listeners, report?.routes[deployment]];
    return secondsSince(changedAt, now) < takingSeconds && known.some((version = 0) => version < changedIn);
  });
  if (isTaking) return takingReadingSeconds;
  return requests.some(({ backends }) => backends.length > 1) ? movingReadingSeconds : readingSeconds;
}

/** A pod is asked as soon as it has an address: it is about to get requests before it is known to be ready. */
function readingOf({ metadata, status }: ObservedPod, everySeconds: number): MeasureRequest[] {
  if (status?.podIP === undefined) return [];
  const pod = { name: metadata.name, uid: metadata.uid, ip: status.podIP };
  return [{ type: 'GatewayState', pod, everySeconds }];
}

/** A gateway pod that gets requests. */
export const isReady = ({ metadata, status }: ObservedPod) =>
  metadata.deletionTimestamp === undefined &&
  status?.podIP !== undefined &&
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;

const highestKnownVersion = (readings: readonly GatewayReading[]) =>
  Math.max(
    0,
    ...readings.flatMap(({ report }) => [report.clusters, report.listeners, ...Object.values(report.routes)]),
  );
