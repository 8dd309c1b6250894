// Decides what the gateway of a namespace shall be: its routing table, its pods, and which of them are asked what they know.
import type { Child, Instant, MeasureRequest } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { gatewayChildren } from './children.ts';
import type { GatewayObserved, GatewayReading, GatewaySettings } from './observed.ts';
import { nextRoutingTable, type RoutingTable } from './routes.ts';

/** How often gateway pods are asked; a switch waits for their answers. */
const readingSeconds = 1;
/** While several backends are known: readings are then less than a second apart, the time of an answer included. */
const movingReadingSeconds = 0.9;

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
  const { namespace, requests, table, pods, readings } = observed;
  if (requests.length === 0) return undefined;
  const isMoving = requests.some(({ backends }) => backends.length > 1);
  return {
    table: nextRoutingTable(requests, table, { knownVersion: highestKnownVersion(readings), now }),
    desired: gatewayChildren(namespace, settings),
    measure: pods.flatMap((pod) => readingOf(pod, isMoving ? movingReadingSeconds : readingSeconds)),
  };
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
