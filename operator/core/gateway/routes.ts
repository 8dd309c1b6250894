// The routing table of a namespace: the listener of each ModelDeployment, the backends Envoy knows for it, and who gets
// which share. It is persisted in a ConfigMap with a version that only grows; every operator replica answers from it.

import { defaultLimits, largestRequestBytes, leastRequestBytes, longestRequestSeconds } from '@sluice/crds/contract.ts';
import { type Cors, maxOrigins, originSchema } from '@sluice/crds/v1alpha1/cors.ts';
import { maxShares } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { z } from 'zod';
import { formatTime } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import { type GatewayRules, gatewayRulesSchema } from './access/rules.ts';
import { type RouteFallback, routeFallbackSchema } from './fallback.ts';
import { type Front, frontSchema, type Place, placeSchema } from './places.ts';

/** Ports that listeners are given; below the ephemeral range, above everything an image might use. */
export const firstListenerPort = 10_000;
export const lastListenerPort = 10_999;

const listenerPort = z.number().int().min(firstListenerPort).max(lastListenerPort);

/** Names of our objects, and hashes: what becomes part of a DNS name. */
const name = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** More versions than a table ever has, at a thousand changes a second for thirty years: what is above was not counted. */
export const largestVersion = 1e12;
const version = z.number().int().min(1).max(largestVersion);

/** Backends that a ModelDeployment asks for at once, and some more: those that are finishing their requests. */
const mostBackends = 2 * maxShares;

const backendSchema = z.object({
  revision: name,
  /** Its ModelVersion, for the headers of its answers. Absent: an earlier release wrote the entry. */
  version: name.optional(),
  /** Share of the requests. The shares of a deployment sum to 100, or are all 0 while nothing serves. */
  percent: z.number().int().min(0).max(100),
  /** A request that takes longer is answered by the server itself. */
  requestTimeoutSeconds: z.number().int().min(1).max(longestRequestSeconds),
  /** The server takes no larger body. Absent: as much as every server took before it could be said. */
  requestBytes: z.number().int().min(leastRequestBytes).max(largestRequestBytes).optional(),
});
export type Backend = z.output<typeof backendSchema>;

/** The largest body that a backend takes. */
export const requestBytesOf = ({ requestBytes = defaultLimits.requestBytes }: Backend): number => requestBytes;

const routeSchema = z.object({
  deployment: name,
  port: listenerPort,
  /** The table's version in which this entry last changed: a gateway pod that has it knows the entry as it is. */
  changedIn: version,
  /** When that was. */
  changedAt: z.iso.datetime(),
  backends: z.array(backendSchema).max(mostBackends),
  /** Where the front leads to it from; absent where it does not. */
  place: placeSchema.optional(),
  /** Who has the place that it wants. */
  takenBy: name.optional(),
  /** Pages in browsers that may ask; absent where none from another origin may. */
  cors: z.object({ origins: z.array(originSchema).min(1).max(maxOrigins) }).optional(),
  /** What clients are given instead of an error; absent where they are given the error. */
  fallback: routeFallbackSchema.optional(),
});
export type Route = z.output<typeof routeSchema>;

/** Whoever may write ConfigMaps may write this one: what is not a table of ours is none, and is made anew. */
export const routingTableSchema = z.object({
  /** Grows by one with every change; Envoy reports it back, so what a gateway pod knows can be compared. */
  version,
  /** One entry for each ModelDeployment, sorted by name; backends sorted by revision. */
  routes: z.array(routeSchema).max(lastListenerPort - firstListenerPort + 1),
  /** The listener that leads to all that have a place; absent where the namespace is not opened. */
  front: frontSchema.optional(),
  /** Who may ask; absent where nothing is ruled. */
  rules: gatewayRulesSchema.optional(),
});
export type RoutingTable = z.output<typeof routingTableSchema>;

/** What one ModelDeployment asks of the gateway. */
export type RouteRequest = {
  readonly deployment: string;
  /** The port it was given before, if any. */
  readonly port: number | undefined;
  readonly backends: readonly Backend[];
  readonly place?: Place | undefined;
  readonly takenBy?: string | undefined;
  /** Requests are taken back from a candidate, and not every gateway pod is known to have done so. */
  readonly isTakenBack?: boolean;
  readonly cors?: Cors | undefined;
  readonly fallback?: RouteFallback | undefined;
};

const byName =
  <Item>(nameOf: (item: Item) => string) =>
  (a: Item, b: Item) =>
    nameOf(a) < nameOf(b) ? -1 : 1;

/** A status may hold a port that no listener is given. */
const isListenerPort = (port: number | undefined): port is number => listenerPort.safeParse(port).success;

/** Keeps every port in the table, then those that were given before, and gives the lowest free one to the others. */
function assignPorts(requests: readonly RouteRequest[], before: ReadonlyMap<string, Route>): Map<string, number> {
  const assigned = new Map<string, number>();
  const taken = new Set<number>();
  const give = (deployment: string, port: number | undefined) => {
    if (!isListenerPort(port) || assigned.has(deployment) || taken.has(port)) return;
    assigned.set(deployment, port);
    taken.add(port);
  };
  for (const { deployment } of requests) give(deployment, before.get(deployment)?.port);
  for (const { deployment, port } of requests) give(deployment, port);
  let next = firstListenerPort;
  for (const { deployment } of requests) {
    while (taken.has(next)) next += 1;
    if (next <= lastListenerPort) give(deployment, next);
  }
  return assigned;
}

/** Whether the table has no port left for a deployment that is not in it. */
export const isFull = ({ routes }: RoutingTable): boolean => routes.length > lastListenerPort - firstListenerPort;

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const sameEntry = (a: Route, b: Route) =>
  a.port === b.port &&
  same(a.backends, b.backends) &&
  same(a.place, b.place) &&
  a.takenBy === b.takenBy &&
  same(a.cors, b.cors) &&
  same(a.fallback, b.fallback);

/** Somebody who writes the largest version into a table makes it begin again; gateways follow, see `hasTable`. */
const versionAfter = (known: number) => (known < largestVersion ? known + 1 : 1);

/**
 * Whether who has this version of a table needs no other one: it has the newest, or one that is newer than what is known
 * here. One that is ahead by more than can have been written has what was counted before the numbers began again.
 */
export const hasTable = (version: number, table: RoutingTable): boolean =>
  version >= table.version && version - table.version < largestVersion / 2;

type TableTime = {
  readonly knownVersion: number;
  readonly now: Instant;
  readonly front?: Front;
  readonly rules?: GatewayRules | undefined;
};

/**
 * The routing table that the deployments ask for. A deployment for which no port is left has no entry.
 * @param previous the persisted table; it is returned as it is when nothing changed.
 * @param at.knownVersion the highest version that any gateway pod reports, 0 if none: a table that was lost is rebuilt above it.
 * @param at.rules what is ruled on access; with other rules every entry is another one.
 */
export function nextRoutingTable(
  requests: readonly RouteRequest[],
  previous: RoutingTable | undefined,
  { knownVersion, now, front, rules }: TableTime,
): RoutingTable {
  const before = new Map(previous?.routes.map((route) => [route.deployment, route]));
  const sorted = requests.toSorted(byName((request) => request.deployment));
  const ports = assignPorts(sorted, before);
  // Gateways ahead of the table hold one that was lost: nothing is known of its entries, so all of them are new.
  const isTrusted = (previous?.version ?? 0) >= knownVersion && same(previous?.rules, rules);
  const nextVersion = versionAfter(Math.max(previous?.version ?? 0, knownVersion));
  const routes = sorted.flatMap(({ deployment, backends, place, takenBy, cors, fallback }): Route[] => {
    const port = ports.get(deployment);
    if (port === undefined) return [];
    const entry = {
      deployment,
      port,
      changedIn: nextVersion,
      changedAt: formatTime(now),
      backends: [...backends].sort(byName((each) => each.revision)),
      ...(place && { place }),
      ...(takenBy === undefined ? {} : { takenBy }),
      ...(cors && { cors }),
      ...(fallback && { fallback }),
    };
    const kept = before.get(deployment);
    return [isTrusted && kept && sameEntry(kept, entry) ? kept : entry];
  });
  const isUnchanged =
    previous !== undefined &&
    isTrusted &&
    previous.routes.length === routes.length &&
    same(previous.front, front) &&
    routes.every((route) => before.get(route.deployment) === route);
  if (isUnchanged) return previous;
  return { version: nextVersion, routes, ...(front && { front }), ...(rules && { rules }) };
}
