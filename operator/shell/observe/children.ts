// Reads of the caches that several kinds need. The casts here are the edge where cached JSON becomes what planners read.
import { ZodError } from 'zod';
import { routesKey, routesName } from '../../core/gateway/children.ts';
import { type RoutingTable, routingTableSchema } from '../../core/gateway/routes.ts';
import type { ObservedRevision } from '../../core/modeldeployment/observed.ts';
import { isRevisionData } from '../../core/modeldeployment/revision-data.ts';
import type { ObservedGatewayDeployment } from '../../core/modelgateway/observed.ts';
import { gatewayName } from '../../core/names.ts';
import type { ObservedJob } from '../../core/pods/observed.ts';
import { type KubeObject, nameKey } from '../../kube/objects.ts';
import { type Caches, modelIndex } from '../caches.ts';

/** What a key of a kind addresses. */
export type Owner = { readonly name: string; readonly namespace: string; readonly uid: string };

/** Jobs that the owner owns, and one that only has the wanted name: it is in the way. */
export function jobsOf(caches: Caches, owner: Owner, wantedName?: string): ObservedJob[] {
  const owned: readonly unknown[] = caches.jobs.ownedBy(owner);
  const named = wantedName ? caches.jobs.get(nameKey({ namespace: owner.namespace, name: wantedName })) : undefined;
  const all = named && !owned.includes(named) ? [...owned, named] : owned;
  return all as ObservedJob[];
}

/** A ControllerRevision whose data can be read; any other is none, and is made anew or removed. */
export function asRevision(found: KubeObject | undefined): ObservedRevision | undefined {
  const revision = found as (KubeObject & Partial<ObservedRevision>) | undefined;
  return Number.isSafeInteger(revision?.revision) && isRevisionData(revision?.data)
    ? (revision as ObservedRevision)
    : undefined;
}

/** ModelVersions of one model; the caller says what it reads of them. */
export function versionsOf<Version>(caches: Caches, namespace: string, model: string): Version[] {
  const found: readonly unknown[] = caches.modelVersions.indexed(modelIndex, nameKey({ namespace, name: model }));
  return found as Version[];
}

/** The Deployment of gateway pods. */
export function gatewayDeploymentOf(caches: Caches, namespace: string): ObservedGatewayDeployment | undefined {
  const found: unknown = caches.deployments.get(nameKey({ namespace, name: gatewayName }));
  return found as ObservedGatewayDeployment | undefined;
}

/** The ConfigMap that holds the routing table of the namespace. */
export const routesConfigMap = (caches: Caches, namespace: string) =>
  caches.configMaps.get(nameKey({ namespace, name: routesName }));

/** Tables by the cached object that holds them: that object is never changed, a newer one takes its place. */
const tables = new WeakMap<KubeObject, RoutingTable | undefined>();

/**
 * The persisted routing table; undefined when there is none, or somebody made it unreadable: then it is made anew. It is
 * parsed once, however often it is asked for: every gateway polls it several times a second for each ModelDeployment.
 */
export function routingTableOf(caches: Caches, namespace: string): RoutingTable | undefined {
  const found = routesConfigMap(caches, namespace);
  if (found && !tables.has(found)) tables.set(found, parseTable(found));
  return found && tables.get(found);
}

function parseTable(configMap: KubeObject & { data?: Record<string, string> }): RoutingTable | undefined {
  const text = configMap.data?.[routesKey];
  if (text === undefined) return undefined;
  try {
    return routingTableSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ZodError) return undefined;
    throw error;
  }
}
