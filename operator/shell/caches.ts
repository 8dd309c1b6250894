// What the operator keeps in memory: one store per kind, filled by a reflector. Only our own objects, trimmed.
import { fieldManager, labels } from '../core/names.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject, Resource } from '../kube/objects.ts';
import { Reflector } from '../kube/reflector.ts';
import { Store } from '../kube/store.ts';
import { resources } from './resources.ts';

const ours = `${labels.managedBy}=${fieldManager}`;

/** Which objects of each kind are watched; children carry our label, so that foreign pods are never held. */
const selectors = {
  trainingJobs: undefined,
  modelVersions: undefined,
  modelDeployments: undefined,
  jobs: ours,
  pods: ours,
  deployments: ours,
  services: ours,
  configMaps: ours,
  controllerRevisions: ours,
  podDisruptionBudgets: ours,
  persistentVolumeClaims: undefined,
} as const satisfies Record<keyof typeof resources, string | undefined>;

export type CacheName = keyof typeof resources;
export type Caches = Readonly<Record<CacheName, Store<KubeObject>>>;

export type CacheOptions = {
  readonly client: KubeClient;
  readonly instruments: Instruments;
  /** Watch only this namespace; all namespaces when absent. */
  readonly namespace: string | undefined;
};

const names = Object.keys(resources) as CacheName[];

/** Stores and the reflectors that fill them; `run` returns only after `signal` aborts. */
export function createCaches({ client, instruments, namespace }: CacheOptions): {
  caches: Caches;
  /** Brings the figures of the caches that change by time alone up to date. */
  reportAges(): void;
  run(signal: AbortSignal): Promise<void>;
} {
  const entries = names.map((name) => {
    const resource: Resource = resources[name];
    const store = new Store<KubeObject>();
    const labelSelector = selectors[name];
    const reflector = new Reflector<KubeObject>({ client, resource, store, namespace, labelSelector, instruments });
    return { name, store, reflector };
  });
  return {
    caches: Object.fromEntries(entries.map(({ name, store }) => [name, store])) as Caches,
    reportAges: () => {
      for (const { reflector } of entries) reflector.reportAge();
    },
    run: async (signal) => {
      await Promise.all(entries.map(({ reflector }) => reflector.run(signal)));
    },
  };
}
