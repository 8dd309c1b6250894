// What the operator keeps in memory: one store per kind, filled by a reflector. Only our own objects, trimmed.
import {
  type Location,
  parseBundleUri,
  sourceLocation,
  sourceSchema,
  storageLocation,
  storageSchema,
} from '@sluice/crds/locations.ts';
import { referenceOf } from '../core/locations/reference.ts';
import { fieldManager, labels } from '../core/names.ts';
import { Reflector } from '../kube/cache/reflector.ts';
import { Store } from '../kube/cache/store.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Instruments } from '../kube/instruments.ts';
import { type KubeObject, nameKey, type Resource, type Stored } from '../kube/objects.ts';
import { trimOf } from './kept-fields.ts';
import { errorFields, type Log } from './log.ts';
import { resources } from './resources.ts';

const ours = `${labels.managedBy}=${fieldManager}`;

/**
 * Which objects of each kind are watched; children carry our label, so that foreign pods are hardly ever held. Of
 * ReplicaSets only the metadata are, by which a pod is known to be of a Deployment of ours.
 */
const selectors = {
  trainingJobs: undefined,
  modelVersions: undefined,
  modelDeployments: undefined,
  modelGateways: undefined,
  jobs: ours,
  pods: ours,
  replicaSets: ours,
  deployments: ours,
  services: ours,
  configMaps: ours,
  controllerRevisions: ours,
  podDisruptionBudgets: ours,
  persistentVolumeClaims: undefined,
  ingresses: ours,
  httpRoutes: ours,
  outerGateways: undefined,
} as const satisfies Record<keyof typeof resources, string | undefined>;

/** Kinds that a cluster may not have, or that an installation may not give the operator a right on. */
const optional: readonly CacheName[] = ['ingresses', 'httpRoutes', 'outerGateways'];

export type CacheName = keyof typeof resources;
export type Caches = Readonly<Record<CacheName, Store<KubeObject>>>;

export type CacheOptions = {
  readonly client: KubeClient;
  readonly instruments: Instruments;
  readonly log: Log;
  /** Watch only this namespace; all namespaces when absent. */
  readonly namespace: string | undefined;
};

const names = Object.keys(resources) as CacheName[];

/**
 * By what objects of a namespace are found, besides their owners: pods of Jobs that are gone by the TrainingJob that their
 * label names; versions, and what serves them, by their model; jobs and versions by the claims that they name.
 */
export const labelIndex = (label: keyof typeof labels) => `label ${label}`;
export const modelIndex = 'model';
export const claimIndex = 'claim';

const byLabel =
  (label: keyof typeof labels) =>
  ({ metadata }: Stored): string[] => {
    const name = metadata.labels?.[labels[label]];
    return name === undefined ? [] : [nameKey({ namespace: metadata.namespace, name })];
  };

/** The claim of `pvc://<claim>/<modelName>/sha256-<hex>`. */
export const claimOf = (uri: string) => uri.split('/')[2] ?? '';

type Volume = { readonly persistentVolumeClaim?: { readonly claimName?: string } };

/** Claims that the pods of a Deployment mount. */
export function mountedClaims(deployment: object): string[] {
  const { spec } = deployment as { spec?: { template?: { spec?: { volumes?: readonly Volume[] } } } };
  return (spec?.template?.spec?.volumes ?? []).flatMap(
    ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
  );
}

/** What a spec names, as far as it is there: an index must bear whatever the apiserver stored. */
type References = {
  readonly modelName?: string;
  readonly model?: { readonly name?: string };
  readonly storage?: unknown;
  readonly data?: { readonly source?: unknown };
  readonly bundle?: { readonly uri?: unknown };
};

const byReference =
  (namesIn: (spec: References) => readonly (string | undefined)[]) =>
  (object: Stored): string[] => {
    const { metadata, spec } = object as Stored & { spec?: References };
    const names = spec === undefined ? [] : namesIn(spec);
    return names.flatMap((name) => (name === undefined ? [] : nameKey({ namespace: metadata.namespace, name })));
  };

/** The claims that locations lie in. */
const claimsOf = (locations: readonly (Location | undefined)[]): string[] =>
  locations
    .flatMap((location) => (location === undefined ? [] : referenceOf(location)))
    .flatMap(({ kind, name }) => (kind === 'PersistentVolumeClaim' ? name : []));

const locationsOf = ({ modelName = '', storage, data, bundle }: References): (Location | undefined)[] => {
  const kept = storageSchema.safeParse(storage);
  const read = sourceSchema.safeParse(data?.source);
  return [
    kept.success ? storageLocation(kept.data, modelName) : undefined,
    read.success && Object.keys(read.data).length > 0 ? sourceLocation(read.data) : undefined,
    typeof bundle?.uri === 'string' ? parseBundleUri(bundle.uri) : undefined,
  ];
};
const byClaim = byReference((spec) => claimsOf(locationsOf(spec)));

const indexes: { readonly [name in CacheName]?: Record<string, (object: Stored) => string[]> } = {
  pods: { [labelIndex('trainingJob')]: byLabel('trainingJob') },
  modelVersions: { [modelIndex]: byReference(({ modelName }) => [modelName]), [claimIndex]: byClaim },
  deployments: {
    [claimIndex]: (object) => mountedClaims(object).map((name) => nameKey({ ...object.metadata, name })),
  },
  modelDeployments: { [modelIndex]: byReference(({ model }) => [model?.name]) },
  trainingJobs: { [claimIndex]: byClaim },
};

/** The empty stores of every kind. */
export function createStores(): Caches {
  const stores = names.map((name) => [name, new Store<KubeObject>({ indexes: indexes[name] ?? {} })] as const);
  return Object.fromEntries(stores) as Caches;
}

/** Every cache with what it holds. */
export const listCaches = (caches: Caches) => names.map((name) => ({ resource: resources[name], store: caches[name] }));

/** Stores and the reflectors that fill them; `run` returns only after `signal` aborts. */
export function createCaches({ client, instruments, log, namespace }: CacheOptions): {
  caches: Caches;
  /** Brings the figures of the caches that change by time alone up to date. */
  reportAges(): void;
  run(signal: AbortSignal): Promise<void>;
} {
  const caches = createStores();
  const reflectors = names.map((name) => {
    const resource: Resource = resources[name];
    const [store, labelSelector] = [caches[name], selectors[name]];
    const { kind: key } = resource;
    const onTrouble = (cause: string, error: unknown) =>
      log.write('warn', `a list or watch failed: ${cause}`, { key, ...errorFields(error) });
    const how = { trim: trimOf(name), metadataOnly: name === 'replicaSets', isOptional: optional.includes(name) };
    return new Reflector<KubeObject>({
      client,
      resource,
      store,
      namespace,
      labelSelector,
      instruments,
      onTrouble,
      ...how,
    });
  });
  return {
    caches,
    reportAges: () => {
      for (const reflector of reflectors) reflector.reportAge();
    },
    run: async (signal) => {
      await Promise.all(reflectors.map((reflector) => reflector.run(signal)));
    },
  };
}
