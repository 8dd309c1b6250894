// The operator's life: caches and routes in every replica, controllers only in the one that holds the lease.
import { fieldManager } from '../core/names.ts';
import { KubeClient } from '../kube/client.ts';
import type { ClusterAccess, ClusterChoice } from '../kube/cluster-access.ts';
import { ElectorThread } from '../kube/elector-thread.ts';
import { EventRecorder } from '../kube/events.ts';
import { createTransport } from '../kube/transport.ts';
import { createCaches } from './caches.ts';
import { createControllers } from './controllers.ts';
import { errorFields, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { routingTableOf } from './observe/children.ts';
import { type RolledOut, registerRolloutMetrics } from './rollout-metrics.ts';
import type { Settings } from './settings.ts';
import { closeServer, startStatusServer } from './status-server.ts';
import { startXdsServer } from './xds/server.ts';

const leaseName = 'sluice-operator';
const component = 'sluice-operator';
/** Longer than any reconcile may take: a worker that is stuck beyond it will not come back. */
const stuckAfterMs = 300_000;

export type OperatorOptions = {
  readonly settings: Settings;
  /** What `access` was found by; the elector's thread finds its own. */
  readonly cluster: ClusterChoice;
  readonly access: ClusterAccess;
  readonly log: Log;
  /** Unique to this process, not only to its pod. */
  readonly identity: string;
  /** What the identities of earlier processes of this very container begin with; unknown outside of a pod. */
  readonly heirOf: string | undefined;
  readonly version: string;
};

/**
 * Runs until `signal` aborts; then finishes reconciles under way, gives the lease back and resolves.
 * @throws Error when the lease was lost: the caller exits at once, another replica acts now.
 */
export async function runOperator(
  { settings, cluster, access, log, identity, heirOf, version }: OperatorOptions,
  signal: AbortSignal,
): Promise<void> {
  const { registry, instruments } = createMetrics();
  const userAgent = `sluice-operator/${version}`;
  const alive = (): boolean => controllers.every((controller) => controller.stuckForMs() < stuckAfterMs);
  const elector = new ElectorThread({
    cluster,
    userAgent,
    fieldManager,
    lease: { name: leaseName, namespace: settings.pod.namespace, identity, heirOf },
    timing: settings.leaseTiming,
    alive,
    onTrouble: (error) => log.write('warn', 'the leader lease was not read or written', { error }),
    instruments,
  });
  const transport = createTransport(access, { userAgent, instruments, mayWrite: () => elector.isLeader() });
  const client = new KubeClient(transport, { fieldManager });
  const { caches, run: runCaches } = createCaches({ client, instruments, namespace: settings.watchNamespace });
  registerRolloutMetrics(registry, () => caches.modelDeployments.all() as RolledOut[]);
  const onDropped = (cause: string, error?: unknown) =>
    log.write('warn', `an event was dropped: ${cause}`, errorFields(error));
  const events = new EventRecorder({ client, component, instance: settings.pod.name, instruments, onDropped });
  const { controllers, close: closeControllers } = createControllers({
    settings,
    client,
    caches,
    events,
    instruments,
    log,
  });
  const hasSynced = () => Object.values(caches).every((store) => store.hasSynced());

  const statusServer = await startStatusServer(settings.statusPort, registry, {
    alive,
    notReady: () => (hasSynced() ? '' : 'waiting for the first list of every kind'),
  });

  const xdsServer = await startXdsServer({
    port: settings.xdsPort,
    clusterDomain: settings.clusterDomain,
    tableOf: (namespace) => routingTableOf(caches, namespace),
    onFailure: (error) => log.write('warn', 'an xDS poll was not answered', errorFields(error)),
  });
  const cacheLife = new AbortController();
  const leaseLife = new AbortController();
  const caching = runCaches(cacheLife.signal);
  const acquired = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<never>();
  const electing = elector.run(leaseLife.signal, {
    onAcquired: () => acquired.resolve(),
    onLost: (reason) => lost.reject(new Error(`the leader lease was lost: ${reason}`)),
  });
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

  try {
    await Promise.race([acquired.promise, lost.promise, stopped]);
    if (!signal.aborted) {
      log.write('info', 'leading', { identity });
      const working = Promise.all(controllers.map((controller) => controller.run(signal)));
      await Promise.race([working, lost.promise]);
    }
    log.write('info', 'stopping', { identity });
    await events.flush();
  } finally {
    leaseLife.abort();
    cacheLife.abort();
    await Promise.all([electing, closeControllers(), closeServer(statusServer), closeServer(xdsServer)]);
  }
  await caching;
  await transport.close();
}
