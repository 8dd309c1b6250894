// Decides whom news of a gateway concern. In a namespace of many ModelDeployments most news are of one of them: its routes
// were taken, its pods were found, its requests were counted, its entry in the table is another one.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { noRefusals } from '../core/gateway/delivery/refusals.ts';
import type { GatewayState } from '../core/gateway/observed.ts';
import type { Route, RoutingTable } from '../core/gateway/routes.ts';
import { hasEntry } from '../core/gateway/traffic/view.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Change } from './measure/pod-poller.ts';

type Deployment = KubeObject & { readonly status?: ModelDeploymentStatus };

export type Concerned<Of extends Deployment> = {
  /** Whether the gateway itself is to be planned anew. */
  readonly gateway: boolean;
  readonly deployments: readonly Of[];
};

/** Every ModelDeployment of the gateway's namespace, and the table of their routes. */
export type Neighbours<Of extends Deployment> = {
  readonly deployments: readonly Of[];
  readonly table: RoutingTable | undefined;
};

/** Whom a reading of a gateway pod concerns. */
export function concernedBy<Of extends Deployment>(
  { before, report }: Change<GatewayState>,
  { deployments, table }: Neighbours<Of>,
): Concerned<Of> {
  if (before === undefined || !isSame(besides(before), besides(report))) return { gateway: true, deployments };
  const counted = changedNames(before.counters, report.counters);
  const told = new Set([...changed(before.routes, report.routes), ...changed(before.hosts, report.hosts).map(nameOf)]);
  const isOfAll = before.clusters !== report.clusters || before.listeners !== report.listeners;
  const routes = isOfAll ? routesByName(table) : new Map<string, Route>();
  const isConcerned = ({ metadata: { name }, status }: Of) =>
    told.has(name) ||
    (counted.has(name) && isJudged(status)) ||
    (isOfAll && has(before, { route: routes.get(name), table }) !== has(report, { route: routes.get(name), table }));
  return { gateway: isOfAll || told.size > 0, deployments: deployments.filter(isConcerned) };
}

/** Whether the pod refuses other things than before. */
export const refusesOther = ({ before, report }: Change<GatewayState>): boolean =>
  !isSame(before?.refusals ?? noRefusals, report.refusals);

/**
 * Whom another table concerns: those whose entry has changed, that have none, or of whose entry another thing is known by it.
 * @param reports what the gateway pods said last.
 */
export function concernedByTable<Of extends Deployment>(
  { before, after }: { readonly before: RoutingTable | undefined; readonly after: RoutingTable | undefined },
  deployments: readonly Of[],
  reports: readonly GatewayState[],
): readonly Of[] {
  const [was, is] = [routesByName(before), routesByName(after)];
  return deployments.filter(({ metadata: { name } }) => {
    const [old, route] = [was.get(name), is.get(name)];
    if (old === undefined || route === undefined || !isSame(old, route)) return true;
    return reports.some((report) => has(report, { route, table: before }) !== has(report, { route, table: after }));
  });
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What is told of one by one is left out. */
const besides = ({ counters, routes: _r, hosts: _h, clusters: _c, listeners: _l, ...state }: GatewayState) => ({
  ...state,
  isCounting: counters !== undefined,
});

const routesByName = (table: RoutingTable | undefined) =>
  new Map(table?.routes.map((route) => [route.deployment, route] as const));

/** Whether the pod is known to have the entry; the others of the table have no say in that. */
const has = (report: GatewayState, { route, table }: { route: Route | undefined; table: RoutingTable | undefined }) =>
  route !== undefined &&
  table !== undefined &&
  hasEntry(report, { deployment: route.deployment, table: { ...table, routes: [route] } });

/** Keys under which two records differ. */
function changed(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key] && !isSame(before[key], after[key]));
}

/** The ModelDeployment of `<deployment>-<revision>`; a revision has no dash. */
const nameOf = (backend: string): string => backend.slice(0, backend.lastIndexOf('-'));

/** ModelDeployments of which another thing was counted. */
function changedNames(before: GatewayState['counters'], after: GatewayState['counters']): ReadonlySet<string> {
  if (!before || !after) return new Set();
  return new Set([...changed(before.backends, after.backends).map(nameOf), ...changed(before.gateway, after.gateway)]);
}

/** A candidate that gets requests is judged by what is counted of them; nothing else in a plan is. */
const isJudged = (status: ModelDeploymentStatus | undefined) => (status?.rollout?.weightPercent ?? 0) > 0;
