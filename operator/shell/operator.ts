// The operator's life: caches and routes in every replica, controllers only in the one that holds the lease.
import { fieldManager } from '../core/names.ts';
import type { ClusterAccess, ClusterChoice } from '../kube/access/cluster-access.ts';
import { KubeClient } from '../kube/client.ts';
import { sleep, systemClock } from '../kube/clock.ts';
import { EventRecorder } from '../kube/events/events.ts';
import { ElectorThread } from '../kube/lease/elector-thread.ts';
import { CountedTransport } from '../kube/transport/counted-transport.ts';
import { createTransport } from '../kube/transport/transport.ts';
import { createCaches } from './caches.ts';
import { createControllers } from './controllers.ts';
import { registerFallbackMetric } from './fallback-metrics.ts';
import { isAlive, notReady } from './health.ts';
import { identitySecretOn } from './hop/identity-secret.ts';
import { OwnIdentity } from './hop/own-identity.ts';
import type { LastWords } from './last-words.ts';
import { errorFields, type Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { routingTableOf } from './observe/children.ts';
import { type RolledOut, registerRolloutMetrics } from './rollout-metrics.ts';
import type { Settings } from './settings.ts';
import { closeServer, startStatusServer } from './status-server.ts';
import { gatewayGate } from './xds/gateway-gate.ts';
import { startXdsServer } from './xds/server.ts';

const leaseName = 'sluice-operator';
const component = 'sluice-operator';
/** After an error that nobody caught, writes under way have this long to end before the lease is given back. */
const writesEndWithinMs = 3_000;

export type OperatorOptions = {
  readonly settings: Settings;
  /** What `access` was found by; the elector's thread finds its own. */
  readonly cluster: ClusterChoice;
  readonly access: ClusterAccess;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told how the lease is given back when the process must end at once. */
  readonly lastWords: Pick<LastWords, 'before'>;
  /** Unique to this process, not only to its pod. */
  readonly identity: string;
  /** What the identities of earlier processes of this very container begin with; unknown outside of a pod. */
  readonly heirOf: string | undefined;
  readonly version: string;
};

/**
 * Runs until `asked` aborts, or there is another certificate to begin anew with; then finishes reconciles under way, gives the lease back and resolves.
 * @throws Error when the lease was lost: the caller exits at once, another replica acts now.
 */
export async function runOperator(
  { settings, cluster, access, log, metrics, lastWords, identity, heirOf, version }: OperatorOptions,
  asked: AbortSignal,
): Promise<void> {
  const { registry, instruments } = metrics;
  const userAgent = `sluice-operator/${version}`;
  const stuckForMs = (): number => Math.max(...controllers.map((controller) => controller.stuckForMs()));
  const alive = (): boolean => isAlive({ stuckForMs: stuckForMs() });
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
  const transport = new CountedTransport(
    createTransport(access, { userAgent, instruments, mayWrite: () => elector.isLeader() }),
  );
  const client = new KubeClient(transport, { fieldManager });
  const {
    caches,
    reportAges,
    run: runCaches,
  } = createCaches({ client, instruments, log, namespace: settings.watchNamespace });
  metrics.beforeAnswer(reportAges);
  registerRolloutMetrics(registry, () => caches.modelDeployments.all() as RolledOut[]);
  const onDropped = (cause: string, error?: unknown) =>
    log.write('warn', `an event was dropped: ${cause}`, errorFields(error));
  const events = new EventRecorder({ client, component, instance: settings.pod.name, instruments, onDropped });
  // Whoever comes first creates it, leader or not.
  const identityTransport = createTransport(access, { userAgent, instruments, connections: 1 });
  const ownIdentity = new OwnIdentity({
    directory: settings.identityDirectory,
    secret: identitySecretOn(identityTransport, { fieldManager, isLeader: () => elector.isLeader() }),
    namespace: settings.pod.namespace,
    onTrouble: (what, error) => log.write('warn', what, errorFields(error)),
  });
  const {
    controllers,
    gatewayStates,
    close: closeControllers,
  } = createControllers({
    settings,
    identity: ownIdentity,
    client,
    caches,
    events,
    instruments,
    log,
  });
  registerFallbackMetric(registry, { deployments: () => caches.modelDeployments.all(), statesOf: gatewayStates });
  const unsynced = () => Object.entries(caches).flatMap(([name, store]) => (store.hasSynced() ? [] : [name]));

  const statusServer = await startStatusServer(settings.statusPort, metrics, {
    alive,
    notReady: () =>
      notReady({
        hasIdentity: ownIdentity.current !== undefined,
        unsynced: unsynced(),
        stuckForMs: stuckForMs(),
        leaseUnheardForMs: elector.unheardForMs(),
        leaseMs: settings.leaseTiming.leaseSeconds * 1000,
      }),
  });

  const cacheLife = new AbortController();
  const caching = runCaches(cacheLife.signal);
  await ownIdentity.obtain(asked);
  const anew = new AbortController();
  const signal = AbortSignal.any([asked, anew.signal]);
  const watchingIdentity = ownIdentity.untilReplaced(cacheLife.signal).then(() => anew.abort());
  const isSynced = () => unsynced().length === 0;
  const gate = gatewayGate({ caches, transport, instruments, log, isSynced });
  const { current } = ownIdentity;
  const xdsServer =
    current &&
    (await startXdsServer({
      identity: current,
      gate,
      port: settings.xdsPort,
      clusterDomain: settings.clusterDomain,
      hasIpv6: settings.hasIpv6,
      tableOf: (namespace) => routingTableOf(caches, namespace),
      watchTables: (changed) => caches.configMaps.subscribe(({ object }) => changed(object.metadata.namespace ?? '')),
      onFailure: (error) => log.write('warn', 'a gateway was not told its routes', errorFields(error)),
    }));
  const leaseLife = new AbortController();
  const acquired = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<never>();
  const electing = elector.run(leaseLife.signal, {
    onAcquired: () => acquired.resolve(),
    onLost: (reason) => lost.reject(new Error(`the leader lease was lost: ${reason}`)),
  });
  lastWords.before(async () => {
    elector.resign();
    if (await endsWithin(writesEndWithinMs, () => transport.writesUnderWay === 0)) {
      leaseLife.abort();
      await electing;
    }
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
    await Promise.all([electing, closeControllers(), closeServer(statusServer), xdsServer?.close()]);
  }
  await Promise.all([caching, watchingIdentity]);
  await Promise.all([transport.close(), identityTransport.close()]);
}

/** Waits until `hasEnded`, or so long. @returns whether it has. */
async function endsWithin(ms: number, hasEnded: () => boolean): Promise<boolean> {
  const startedMs = performance.now();
  while (!hasEnded() && performance.now() - startedMs < ms) await sleep(systemClock, 10);
  return hasEnded();
}
