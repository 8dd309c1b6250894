// The traffic port, answered by what is observed of a namespace's Envoys.
import type { Instant } from '../../plan.ts';
import type { ObservedPod } from '../../pods/observed.ts';
import type { PodMaker } from '../../pods/startup.ts';
import type { Entrance, Reach, Traffic } from '../../traffic/port.ts';
import { gatewayLabels } from '../children.ts';
import type { GatewayReading, GatewaySilence } from '../observed.ts';
import type { RoutingTable } from '../routes.ts';
import { countsOf } from './counts.ts';
import { type Client, externalUrl, type Opening, type Seen, whyNotExposed } from './external-url.ts';
import { gatewayObstacle, reachObstacle } from './obstacles.ts';
import {
  type GatewayView,
  gatewaysWithoutHosts,
  hasGateway,
  isFound,
  isFoundNowhere,
  isOpen,
  isTaken,
  routeOf,
} from './view.ts';

function reachOf(revision: string, view: GatewayView): Reach {
  if (isFoundNowhere(revision, view)) return 'Nowhere';
  if (!isFound(revision, view)) return 'Partly';
  return hasGateway(view) && gatewaysWithoutHosts(revision, view).length === 0 ? 'Everywhere' : 'Unknown';
}

const entranceOf = (view: GatewayView, seen: Seen): Entrance => ({
  gatewayLabels,
  port: routeOf(view)?.port,
  hasTls: view.table && view.table.rules?.tls !== undefined,
  externalUrl: externalUrl(seen),
  notExposed: whyNotExposed(seen),
});

/** What is observed of a namespace's gateway. */
export type GatewayObserved = {
  /** The persisted routing table. */
  readonly table: RoutingTable | undefined;
  /** The Deployment of gateway pods. */
  readonly gatewayDeployment?: PodMaker | undefined;
  /** Every gateway pod. */
  readonly gatewayPods: readonly ObservedPod[];
  readonly gatewayReadings: readonly GatewayReading[];
  readonly gatewaySilences: readonly GatewaySilence[];
  /** What the ModelGateway opens, and where that is found; absent where it opens nothing. */
  readonly opening?: Opening | undefined;
};

const viewOf = (observed: GatewayObserved, deployment: string, now: Instant): GatewayView => ({
  deployment,
  table: observed.table,
  pods: observed.gatewayPods,
  readings: observed.gatewayReadings,
  silences: observed.gatewaySilences,
  maker: observed.gatewayDeployment,
  now,
});

/** @param client the ModelDeployment whose traffic is meant. */
export const gatewayTraffic = (observed: GatewayObserved, client: Client, now: Instant): Traffic =>
  trafficIn(viewOf(observed, client.deployment, now), client, observed.opening);

/** @param opening what the ModelGateway opens to clients. */
export const trafficIn = (view: GatewayView, client: Client, opening?: Opening): Traffic => ({
  now: view.now,
  isOpen: isOpen(view),
  asked: routeOf(view)?.backends,
  isTaken: isTaken(view),
  reachOf: (revision) => reachOf(revision, view),
  counts: countsOf(view),
  entrance: entranceOf(view, { ...client, table: view.table, opening }),
  obstacle: (shares) => gatewayObstacle(view, shares),
  reachObstacle: (share) => reachObstacle(view, [share]),
});
