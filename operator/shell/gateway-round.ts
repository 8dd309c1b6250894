// The round of a namespace's gateway. It differs from the others in one thing: the routing table belongs to every
// ModelDeployment of the namespace, and everything else of the gateway belongs to the table.
import { labelsBeside, routesKey, routesName } from '../core/gateway/children.ts';
import type { GatewayState } from '../core/gateway/observed.ts';
import { planGateway } from '../core/gateway/plan.ts';
import type { RoutingTable } from '../core/gateway/routes.ts';
import { fieldManager, labels } from '../core/names.ts';
import type { MeasureRequest } from '../core/plan.ts';
import { confirmUnchanged, type ForeignObject } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Result } from '../kube/controller.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { lookAgainMs, type OwnWrites } from '../kube/own-writes.ts';
import { makePlannedChildren, nameTakenMessage, nameTakenRetrySeconds } from './apply-plan.ts';
import type { CacheName, Caches } from './caches.ts';
import type { Log } from './log.ts';
import type { PodPoller } from './measure/pod-poller.ts';
import { routesConfigMap, routingTableOf } from './observe/children.ts';
import { observeGateway, routedDeployments } from './observe/gateway.ts';
import { sha256 } from './observe/model-deployment.ts';
import { resources } from './resources.ts';
import { wakeAfter } from './round.ts';
import type { Settings } from './settings.ts';

export type GatewayParts = {
  readonly caches: Caches;
  readonly client: KubeClient;
  readonly instruments: Instruments;
  readonly settings: Settings;
  readonly ownWrites: Pick<OwnWrites, 'note' | 'isBehind'>;
  readonly log: Log;
  readonly gateways: PodPoller<GatewayState>;
  measure(namespace: string, requests: readonly MeasureRequest[]): void;
};

const children = ['configMaps', 'deployments', 'podDisruptionBudgets'] as const satisfies readonly CacheName[];

type RoutesConfigMap = KubeObject & { metadata: { namespace: string }; data: Record<string, string> };

function routesManifest({ caches, settings }: GatewayParts, namespace: string, table: RoutingTable): RoutesConfigMap {
  const owners = routedDeployments(caches, namespace).map(({ apiVersion, kind, metadata }) => ({
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
  }));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: routesName, namespace, labels: labelsBeside(settings), ownerReferences: owners },
    data: { [routesKey]: JSON.stringify(table) },
  };
}

/** The ConfigMap that has the table's name and is not ours; the caches do not hold it. */
async function foreignTable(
  { client }: GatewayParts,
  { metadata }: RoutesConfigMap,
  signal: AbortSignal,
): Promise<ForeignObject | undefined> {
  const found = await client.find(resources.configMaps, metadata, { signal });
  const isForeign = found !== undefined && found.metadata.labels?.[labels.managedBy] !== fieldManager;
  return isForeign ? { kind: 'ConfigMap', name: metadata.name } : undefined;
}

/**
 * The first that it is for must be as the cache has it: a table whose ModelDeployments are all gone is not made again.
 * @throws ApiError 409 when a cache is behind: that of ModelDeployments, or the one that does not show the table yet.
 */
async function createTable(
  { caches, client }: GatewayParts,
  manifest: RoutesConfigMap,
  signal: AbortSignal,
): Promise<Stored> {
  const [seen] = routedDeployments(caches, manifest.metadata.namespace);
  if (seen) await confirmUnchanged(client, { resource: resources.modelDeployments, seen, signal });
  return client.create(resources.configMaps, manifest, { signal });
}

/**
 * Writes the table where it changed. The write names the resource version that the table was made from: of two writers
 * one gets a conflict, so a version never has two contents.
 * @param live the ConfigMap as the cache has it.
 */
async function persistTable(
  parts: GatewayParts,
  {
    manifest,
    version,
    live,
  }: { manifest: RoutesConfigMap; version: RoutingTable['version']; live: Stored | undefined },
  signal: AbortSignal,
): Promise<Stored> {
  const { caches, client } = parts;
  const { namespace } = manifest.metadata;
  if (!live) return createTable(parts, manifest, signal);
  const owners = new Set(live.metadata.ownerReferences?.map(({ uid }) => uid));
  // Owners that are gone are struck out by the garbage collector.
  const hasOwners = manifest.metadata.ownerReferences?.every(({ uid }) => owners.has(uid));
  if (hasOwners && routingTableOf(caches, namespace)?.version === version) return live;
  const { uid, resourceVersion } = live.metadata;
  return client.apply(
    resources.configMaps,
    { ...manifest, metadata: { ...manifest.metadata, uid, resourceVersion } },
    { signal },
  );
}

/** The reconcile function; its key is the namespace. */
export function createGatewayRound(
  parts: GatewayParts,
): (namespace: string, signal: AbortSignal) => Promise<Result | undefined> {
  const { caches, client, instruments, settings, ownWrites, log } = parts;
  const planSettings = {
    gatewayImage: settings.images.gateway,
    imagePullPolicy: settings.imagePullPolicy,
    podDefaults: settings.podDefaults,
    podUser: settings.podUser,
    xdsAddress: settings.xdsAddress,
    hash: sha256,
  };
  /** No ModelDeployment is at fault, so it is said in the log; their conditions say that the gateway is not there. */
  const waitForNames = (namespace: string, taken: readonly ForeignObject[]): Result => {
    for (const foreign of taken) log.write('warn', nameTakenMessage(foreign), { key: namespace });
    return { requeueAfterMs: nameTakenRetrySeconds * 1000 };
  };
  const childCaches = children.map((name) => ({ resource: resources[name], store: caches[name] }));
  return async (namespace, signal) => {
    const live = routesConfigMap(caches, namespace);
    if (live && ownWrites.isBehind(live)) return { requeueAfterMs: lookAgainMs };
    const plan = planGateway(observeGateway(caches, parts.gateways, namespace), Date.now(), planSettings);
    parts.measure(namespace, plan?.measure ?? []);
    if (!plan) return undefined;
    const manifest = routesManifest(parts, namespace, plan.table);
    const foreign = live ? undefined : await foreignTable(parts, manifest, signal);
    if (foreign) return waitForNames(namespace, [foreign]);
    const owner = await persistTable(parts, { manifest, version: plan.table.version, live }, signal);
    ownWrites.note(resources.configMaps, { ...(live && { before: live }), after: owner });
    const made = await makePlannedChildren(
      { client, instruments, ownWrites },
      { owner, ownerResource: resources.configMaps, children: plan.desired, caches: childCaches, signal },
    );
    const taken = made.report().foreign;
    if (taken.length > 0) return waitForNames(namespace, taken);
    await made.prune(false);
    return wakeAfter(plan.wakeAfterSeconds);
  };
}
