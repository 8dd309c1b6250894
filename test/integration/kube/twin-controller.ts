// A small controller for tests: it gives each ConfigMap of a namespace a headless Service of the same name.
import { applyChildren } from '@sluice/operator/kube/apply/apply.ts';
import type { Desired } from '@sluice/operator/kube/apply/apply-plan.ts';
import { liveChildren } from '@sluice/operator/kube/apply/live-children.ts';
import { Reflector, type ReflectorTiming } from '@sluice/operator/kube/cache/reflector.ts';
import { Store } from '@sluice/operator/kube/cache/store.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { Controller } from '@sluice/operator/kube/controller/controller.ts';
import { toController, toSelf, watch } from '@sluice/operator/kube/controller/watches.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
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

/** Starts it; it ends with the test. `reconciled` are the keys of which a reconcile has ended, however. */
export function startTwinController(ends: Ends, { client, namespace, timing }: TwinOptions) {
  const owners = new Store<ConfigMap>();
  const children = new Store();
  const { instruments, total } = counted();
  const common = { client, namespace, instruments, timing, random: () => 0 };
  const reflectors = [
    new Reflector({ ...common, resource: configMaps, store: owners }),
    new Reflector({ ...common, resource: services, store: children }),
  ];
  const caches = [{ resource: services, store: children }];
  const reconcile = async (key: string, signal: AbortSignal): Promise<undefined> => {
    const owner = owners.get(key);
    if (owner === undefined) return;
    const live = liveChildren(owner, caches);
    const request = { owner, ownerResource: configMaps, desired: twinsOf(owner), live, signal, instruments };
    await applyChildren(client, request);
  };
  const watches = [watch(owners, toSelf), watch(children, toController({ kind: 'ConfigMap' }))];
  const reconciled = new Set<string>();
  const noting = (key: string, signal: AbortSignal) => reconcile(key, signal).finally(() => reconciled.add(key));
  const controller = new Controller({ name: 'twin', watches, reconcile: noting, instruments });
  const stop = new AbortController();
  const running = [...reflectors, controller].map((each) => each.run(stop.signal));
  const end = ends.add(async () => {
    stop.abort();
    await Promise.all(running);
  });
  return { owners, children, controller, reconciled, total, end };
}

/** One Service on the port `data.port`, 80 when there is none; no Service when that is `none`. */
function twinsOf({ metadata: { name, namespace }, data }: Stored<ConfigMap>): Desired[] {
  const { port = '80' } = data ?? {};
  if (port === 'none') return [];
  const spec = { clusterIP: 'None', selector: { app: name }, ports: [{ port: Number(port), targetPort: 8080 }] };
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
  return [{ resource: services, object }];
}
