// Reads of the caches that several kinds need. The casts here are the edge where cached JSON becomes what planners read.
import { ZodError, z } from 'zod';
import { routesKey, routesName } from '../../core/gateway/children.ts';
import { type RoutingTable, routingTableSchema } from '../../core/gateway/routes.ts';
import type { ObservedRevision } from '../../core/modeldeployment/observed.ts';
import { isRevisionData } from '../../core/modeldeployment/revision/revision-data.ts';
import type { ObservedGatewayDeployment } from '../../core/modelgateway/observed.ts';
import { gatewayName, versionNumber } from '../../core/names.ts';
import { type NumbersConfigMap, numbersName, type ObservedNumbers } from '../../core/numbers/numbers.ts';
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

/** Whether the data can be read, by the cached object: that is never changed, a newer one takes its place. */
const readable = new WeakMap<KubeObject, boolean>();

/**
 * A ControllerRevision whose data can be read; any other is none, and is made anew or removed. It is looked at once, however
 * often it is asked for: each change of a routing table asks for every revision of its namespace.
 */
export function asRevision(found: KubeObject | undefined): ObservedRevision | undefined {
  if (found === undefined) return undefined;
  const { revision, data } = found as KubeObject & Partial<ObservedRevision>;
  const isReadable = readable.get(found) ?? (Number.isSafeInteger(revision) && isRevisionData(data));
  readable.set(found, isReadable);
  return isReadable ? (found as KubeObject & ObservedRevision) : undefined;
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

const named = z.object({ version: z.string().max(253) });
const listOfNamed = z.array(named).max(64).optional().catch(undefined);
/** Where a status of a ModelDeployment names versions; what cannot be read names none. */
const namingSchema = z.object({
  stable: named.optional().catch(undefined),
  candidate: named.optional().catch(undefined),
  former: listOfNamed,
  rejected: listOfNamed,
});

/**
 * The numbers of a model as they are kept. Where they are not, what else of the namespace names one is looked through:
 * versions, and what serves, was live, was refused or was pinned, whose ModelVersion may be gone.
 */
export function numbersOf(caches: Caches, namespace: string, model: string): ObservedNumbers {
  const found: unknown = caches.configMaps.get(nameKey({ namespace, name: numbersName(model) }));
  if (found !== undefined) return { configMap: found as NumbersConfigMap, highestNamed: 0 };
  const deployments = caches.modelDeployments.indexed(modelIndex, nameKey({ namespace, name: model }));
  const names = deployments.flatMap((deployment) => {
    const { metadata, status } = deployment as KubeObject & { metadata: Owner; status?: unknown };
    const { stable, candidate, former = [], rejected = [] } = namingSchema.safeParse(status ?? {}).data ?? {};
    const pins = caches.controllerRevisions.ownedBy(metadata).flatMap((each) => asRevision(each)?.data ?? []);
    return [stable ?? [], candidate ?? [], former, rejected, pins].flat().map(({ version }) => version);
  });
  const versions = versionsOf<KubeObject>(caches, namespace, model).map(({ metadata }) => metadata.name);
  const numbers = [...names, ...versions].map((name) => versionNumber(model, name) ?? 0);
  return { highestNamed: numbers.reduce((highest, number) => Math.max(highest, number), 0) };
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
  return found && routingTableIn(found);
}

/** The routing table that a cached ConfigMap holds. */
export function routingTableIn(configMap: KubeObject): RoutingTable | undefined {
  if (!tables.has(configMap)) tables.set(configMap, parseTable(configMap));
  return tables.get(configMap);
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
