// Puts clients, caches and controllers behind a fault proxy in front of the shared apiserver.

import { loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { Reflector, type ReflectorTiming } from '@sluice/operator/kube/cache/reflector.ts';
import { Store } from '@sluice/operator/kube/cache/store.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import type { Resource } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { createTransport, type TransportOptions } from '@sluice/operator/kube/transport/transport.ts';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../../faults/proxy/fault-proxy.ts';
import { counted } from './counted.ts';
import type { Ends } from './ends.ts';

/** A proxy of one test, and a client behind it. */
export interface BehindProxy {
  readonly proxy: FaultProxy;
  readonly client: KubeClient;
}

/** Settings of the client, and of the proxy. */
export interface BehindOptions {
  readonly transport?: Partial<TransportOptions>;
  readonly proxy?: Partial<FaultProxyOptions>;
}

/** Starts both; they end with the test. */
export async function startBehindProxy(ends: Ends, options: BehindOptions = {}): Promise<BehindProxy> {
  const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG'] ?? '';
  const proxy = await startFaultProxy({ kubeconfig, ...options.proxy });
  ends.add(() => proxy.stop());
  const access = await loadClusterAccess({ kubeconfig: proxy.kubeconfigPath });
  const transport = createTransport(access, { userAgent: 'kube-runtime-test', ...options.transport });
  ends.add(() => transport.close());
  return { proxy, client: new KubeClient(transport, { fieldManager: 'test' }) };
}

/** What a followed kind needs; ConfigMaps when `resource` is absent. */
export interface FollowOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly resource?: Resource;
  readonly timing?: Partial<ReflectorTiming>;
  readonly metadataOnly?: boolean;
  /** Without it pauses have no jitter, so that a test lasts as long each time. */
  readonly random?: () => number;
}

/** Keeps a cache of a kind. */
export function follow(ends: Ends, options: FollowOptions) {
  const { resource = RESOURCES.configMaps } = options;
  const store = new Store();
  const stop = new AbortController();
  const { instruments, total } = counted();
  const reflector = new Reflector({ random: () => 0, ...options, resource, store, instruments });
  const running = reflector.run(stop.signal);
  const end = ends.add(async () => {
    stop.abort();
    await running;
  });
  return { store, total, end };
}
