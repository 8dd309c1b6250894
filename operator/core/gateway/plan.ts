// Decides what the gateway of a namespace shall be: its routing table, its pods, and which of them are asked what they know.
import { secondsSince } from '../conditions.ts';
import type { Child, Instant, MeasureRequest } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { rulesOf } from './access/rules.ts';
import { gatewayChildren, gatewayContainer } from './children.ts';
import type { GatewayObserved, GatewayReading, GatewaySettings } from './observed.ts';
import { opened } from './opened.ts';
import { pullPolicyOf } from './pull-policy.ts';
import { largestVersion, nextRoutingTable, type RouteRequest, type RoutingTable } from './routes.ts';

type ReadingPace = { readonly everySeconds: number; readonly isUrgent: boolean };

/** How often a gateway pod is asked, and whether a decision waits for its answer. */
const paces = {
  /** It is about to take a new table: what it was asked for is known soon after it does it. */
  taking: { everySeconds: 0.2, isUrgent: true },
  /** Requests move between revisions: readings are less than a second apart, the wait for their turn included. */
  moving: { everySeconds: 0.9, isUrgent: true },
  /** It is starting or ending, or did not take a table in time. */
  settling: { everySeconds: 1, isUrgent: false },
  /** Nothing is decided by what it says. It is asked twice in the time after which its answer would count for nothing. */
  resting: { everySeconds: 5, isUrgent: false },
} as const satisfies Record<string, ReadingPace>;

/** A pod that has not taken a table by then is in trouble, and is not asked so often any more. */
const takingSeconds = 10;

export type GatewayPlan = {
  /** The table that shall be persisted before anything else; the children belong to it. */
  readonly table: RoutingTable;
  /** Somebody's requests go to a candidate that was refused: the table waits for nothing. */
  readonly isUrgent: boolean;
  readonly desired: readonly Child[];
  readonly measure: readonly MeasureRequest[];
  /** When to look again although nothing changed: a pod was then asked often for long enough. */
  readonly wakeAfterSeconds?: number;
};

/** Undefined when no ModelDeployment is left: the garbage collector removes the table, and with it the children. */
export function planGateway(
  observed: GatewayObserved,
  now: Instant,
  settings: GatewaySettings,
): GatewayPlan | undefined {
  const { namespace, requests, pods, readings } = observed;
  if (requests.length === 0) return undefined;
  const open = opened(observed);
  const rules = wantedRules(observed);
  const known = { knownVersion: highestKnownVersion(readings), now, ...(open.front && { front: open.front }), rules };
  const table = nextRoutingTable(open.requests, observed.table, known);
  const entries = table.routes.reduce((sum, { backends }) => sum + 1 + backends.length, 0);
  const isMoving = requests.some(isOnTheWay);
  const asked = pods.map((pod) => ({ pod, pace: paceOf(pod, { table, readings, isMoving, now }) }));
  const imagePullPolicy = pullPolicyOf(observed.deployment, gatewayContainer, settings);
  return {
    table,
    isUrgent: requests.some(({ isTakenBack = false }) => isTakenBack),
    desired: gatewayChildren(namespace, { ...settings, imagePullPolicy }, observed.wish),
    measure: asked.flatMap(({ pod, pace }) => readingOf(pod, { ...pace, entries })),
    ...(asked.some(({ pace }) => pace === paces.taking) ? { wakeAfterSeconds: takingSeconds } : {}),
  };
}

/** Those of before while the ModelGateway cannot be read: nobody gets in because an object is damaged. */
const wantedRules = ({ wish, table }: GatewayObserved) => (wish === 'Unreadable' ? table?.rules : rulesOf(wish?.spec));

/** Whether a revision is on its way to all requests or away from them: what is known of the gateways decides the next step. */
const isOnTheWay = ({ backends }: RouteRequest) => backends.some(({ percent }) => percent < 100);

type Known = Pick<GatewayObserved, 'readings'> & {
  readonly table: RoutingTable;
  readonly isMoving: boolean;
  readonly now: Instant;
};

function paceOf(pod: ObservedPod, { table, readings, isMoving, now }: Known): ReadingPace {
  const report = readings.find(({ podUid }) => podUid === pod.metadata.uid)?.report;
  const lacking = table.routes.filter(({ deployment, changedIn }) =>
    [report?.clusters, report?.listeners, report?.routes[deployment]].some((version = 0) => version < changedIn),
  );
  if (lacking.some(({ changedAt }) => secondsSince(changedAt, now) < takingSeconds)) return paces.taking;
  if (isMoving) return paces.moving;
  return isReady(pod) && lacking.length === 0 ? paces.resting : paces.settling;
}

/** A pod is asked as soon as it has an address: it is about to get requests before it is known to be ready. */
function readingOf(
  { metadata, status }: ObservedPod,
  how: ReadingPace & { readonly entries: number },
): MeasureRequest[] {
  if (status?.podIP === undefined) return [];
  const pod = { name: metadata.name, uid: metadata.uid, ip: status.podIP };
  return [{ type: 'GatewayState', pod, ...how }];
}

/** A gateway pod that gets requests. */
export const isReady = ({ metadata, status }: ObservedPod) =>
  metadata.deletionTimestamp === undefined &&
  status?.podIP !== undefined &&
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;

/** Of what gateway pods say; a version that no table has is not believed. */
const highestKnownVersion = (readings: readonly GatewayReading[]) =>
  readings
    .flatMap(({ report }) => [report.clusters, report.listeners, ...Object.values(report.routes)])
    .reduce((highest, version) => (version <= largestVersion ? Math.max(highest, version) : highest), 0);
