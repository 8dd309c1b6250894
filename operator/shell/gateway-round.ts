// The round of a namespace's gateway. It differs from the others in one thing: the routing table belongs to every
// ModelDeployment of the namespace, and everything else of the gateway belongs to the table.
import { labelsBeside, routesKey, routesName } from '../core/gateway/children.ts';
import type { GatewayState } from '../core/gateway/observed.ts';
import { planGateway } from '../core/gateway/plan.ts';
import type { RoutingTable } from '../core/gateway/routes.ts';
import { fieldManager, labels } from '../core/names.ts';
import type { MeasureRequest } from '../core/plan.ts';
import type { Refusal } from '../core/refusals.ts';
import type { ForeignObject, Obstacle } from '../kube/apply/apply-round.ts';
import { lookAgainMs, type OwnWrites } from '../kube/apply/own-writes.ts';
import type { RefusedChildren } from '../kube/apply/refused-children.ts';
import { confirmUnchanged } from '../kube/apply/unchanged.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import type { Result } from '../kube/controller/controller.ts';
import { ApiError, isRefusal, isTimeout } from '../kube/errors.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { makePlannedChildren, refusalOf, takenBy } from './apply-plan.ts';
import type { CacheName, Caches } from './caches.ts';
import type { GatewayRefusals } from './gateway-refusals.ts';
import type { OwnIdentity } from './hop/own-identity.ts';
import type { Log } from './log.ts';
import type { PodPoller } from './measure/pod-poller.ts';
import { routesConfigMap, routingTableOf } from './observe/children.ts';
import { observeGateway, routedDeployments } from './observe/gateway.ts';
import { gatewayWishOf } from './observe/gateway-wish.ts';
import { sha256 } from './observe/model-deployment.ts';
import { resources } from './resources.ts';
import { wakeAfter } from './round.ts';
import type { Settings } from './settings.ts';
import { TablePace } from './table-pace.ts';

export type GatewayParts = {
  readonly caches: Caches;
  readonly client: KubeClient;
  readonly instruments: Instruments;
  readonly settings: Settings;
  readonly identity: Pick<OwnIdentity, 'certificates'>;
  readonly ownWrites: Pick<OwnWrites, 'note' | 'isBehind'>;
  readonly log: Log;
  readonly refused: RefusedChildren<Obstacle>;
  readonly gatewayRefusals: GatewayRefusals;
  readonly gateways: PodPoller<GatewayState>;
  measure(namespace: string, requests: readonly MeasureRequest[]): void;
  /** By which a table is not written too often. */
  readonly clock?: Clock | undefined;
};

const children = ['configMaps', 'deployments', 'podDisruptionBudgets'] as const satisfies readonly CacheName[];

type RoutesConfigMap = KubeObject & { metadata: { namespace: string }; data: Record<string, string> };

function routesManifest({ caches, settings }: GatewayParts, namespace: string, table: RoutingTable): RoutesConfigMap {
  const wish = gatewayWishOf(caches, namespace);
  const owners = routedDeployments(caches, namespace).map(({ apiVersion, kind, metadata }) => ({
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
  }));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: routesName,
      namespace,
      labels: labelsBeside(settings, wish === 'Unreadable' ? undefined : wish),
      ownerReferences: owners,
    },
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
  if (found === undefined || found.metadata.labels?.[labels.managedBy] === fieldManager) return undefined;
  return { kind: 'ConfigMap', name: metadata.name, isGoing: found.metadata.deletionTimestamp !== undefined };
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

type Hindrance = { readonly foreign: readonly ForeignObject[]; readonly refusals: readonly Refusal[] };

/** What is in the way of a gateway is looked at again after so long. */
const retrySeconds = 5;

/** @throws the error when it says nothing of the table. */
function refusedTable(error: unknown): Refusal {
  if (!isRefusal(error) && !isTimeout(error)) throw error;
  const said = error instanceof ApiError ? error.said : String(error);
  return { kind: 'ConfigMap', name: routesName, said };
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
    hasIpv6: settings.hasIpv6,
    hash: sha256,
  };
  /** The ModelDeployments of the namespace tell of it; what has a name of ours is in the log, too. */
  const tell = (namespace: string, { foreign, refusals }: Hindrance): Result | undefined => {
    const taken = foreign.map((each) => ({ each, ...takenBy(each) }));
    for (const { message } of taken) log.write('warn', message, { key: namespace });
    const said = taken.map(({ each, message }) => ({ kind: each.kind, name: each.name, said: message }));
    parts.gatewayRefusals.set(namespace, [...said, ...refusals]);
    return said.length + refusals.length === 0 ? undefined : { requeueAfterMs: retrySeconds * 1000 };
  };
  const pace = new TablePace(parts.clock);
  const childCaches = children.map((name) => ({ resource: resources[name], store: caches[name] }));
  return async (namespace, signal) => {
    const live = routesConfigMap(caches, namespace);
    if (live && ownWrites.isBehind(live)) return { requeueAfterMs: lookAgainMs };
    const operatorCertificates = parts.identity.certificates();
    const observed = observeGateway(caches, parts.gateways, namespace);
    const plan = planGateway(observed, Date.now(), { ...planSettings, operatorCertificates });
    parts.measure(namespace, plan?.measure ?? []);
    if (!plan) {
      parts.gatewayRefusals.forget(namespace);
      pace.forget(namespace);
      return undefined;
    }
    const isNew = plan.table !== routingTableOf(caches, namespace);
    const waitMs = live && isNew && !plan.isUrgent ? pace.waitMs(namespace) : 0;
    if (waitMs > 0) return { requeueAfterMs: waitMs };
    if (isNew) pace.note(namespace);
    const manifest = routesManifest(parts, namespace, plan.table);
    const foreign = live ? undefined : await foreignTable(parts, manifest, signal);
    if (foreign) return tell(namespace, { foreign: [foreign], refusals: [] });
    const owner = await persistTable(parts, { manifest, version: plan.table.version, live }, signal).catch(
      refusedTable,
    );
    if ('said' in owner) return tell(namespace, { foreign: [], refusals: [owner] });
    ownWrites.note(resources.configMaps, { ...(live && { before: live }), after: owner });
    const made = await makePlannedChildren(
      { client, instruments, ownWrites, refused: parts.refused },
      { owner, ownerResource: resources.configMaps, children: plan.desired, caches: childCaches, signal },
    );
    const report = made.report();
    const waits = tell(namespace, { foreign: report.foreign, refusals: report.refused.map(refusalOf) });
    if (report.failure) throw report.failure;
    await made.prune(false);
    return waits ?? wakeAfter(plan.wakeAfterSeconds);
  };
}
