// A small controller for tests: it gives each ConfigMap of a namespace a headless Service of the same name.
import { applyChildren, liveChildren } from '@sluice/operator/kube/apply.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { Controller } from '@sluice/operator/kube/controller.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { Reflector, type ReflectorTiming } from '@sluice/operator/kube/reflector.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { Store } from '@sluice/operator/kube/store.ts';
import { toController, toSelf, watch } from '@sluice/operator/kube/watches.ts';
import type { ConfigMap } from './cluster.ts';
import { counted } from './counted.ts';
import type { Ends } from './ends.ts';

const { configMaps, services } = RESOURCES;

/** Where it works. */
export interface TwinOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly timing?: Partial<ReflectorTiming>;
}

/** Starts it; it ends with the test. */
export function startTwinController(ends: Ends, { client, namespace, timing }: TwinOptions) {
  const owners = new Store<ConfigMap>();
  const children = new Store();
  const { instruments, total } = counted();
  const common = { client, namespace, instruments, timing, random: () => 0 };
  const reflectors = [
    new Reflector({ ...common, resource: configMaps, store: owners }),
    new Reflector({ ...common, resource: services, store: children }),
  ];
  const reconcile = async (key: string, signal: AbortSignal): Promise<undefined> => {
    const owner = owners.get(key);
    if (owner === undefined) return;
    const live = liveChildren(owner, [{ resource: services, store: children }]);
    await applyChildren(client, {
      owner,
      desired: [{ resource: services, object: service(owner) }],
      live,
      signal,
      instruments,
    });
  };
  const watches = [watch(owners, toSelf), watch(children, toController({ kind: 'ConfigMap' }))];
  const controller = new Controller({ name: 'twin', watches, reconcile, instruments });
  const stop = new AbortController();
  const running = [...reflectors, controller].map((each) => each.run(stop.signal));
  const end = ends.add(async () => {
    stop.abort();
    await Promise.all(running);
  });
  return { owners, children, controller, total, end };
}

/** The port is that of the ConfigMap's `data.port`, 80 when it has none. */
function service(owner: Stored<ConfigMap>) {
  const { name, namespace } = owner.metadata;
  const port = Number(owner.data?.['port'] ?? 80);
  const spec = { clusterIP: 'None', selector: { app: name }, ports: [{ port, targetPort: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}
