// Runs the operator's controllers on the shared apiserver, in the namespace of one test.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Condition } from '@sluice/crds/fragments.ts';
import { EventRecorder } from '@sluice/operator/kube/events/events.ts';
import { type Instruments, noInstruments } from '@sluice/operator/kube/instruments.ts';
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { createCaches } from '@sluice/operator/shell/caches.ts';
import { createControllers } from '@sluice/operator/shell/controllers.ts';
import { knownIdentity } from '@sluice/operator/shell/hop/testing/known-identity.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { parseSettings } from '@sluice/operator/shell/settings.ts';
import { installCrds } from '../crds/installed-crds.ts';
import { type Cluster, connect } from '../kube/cluster.ts';

const settings = parseSettings({
  SLUICE_TRAINER_IMAGE: 'trainer:1',
  SLUICE_SERVER_IMAGE: 'server:1',
  SLUICE_GATEWAY_IMAGE: 'gateway:1',
  SLUICE_XDS_ADDRESS: 'operator:18000',
});

export type RunningControllers = {
  /** Every Stalled that any write told of. */
  readonly stalled: readonly string[];
  stop(): Promise<void>;
};

/** They write with the cluster's client. */
export function runControllers(
  { client, namespace }: Cluster,
  instruments: Instruments = noInstruments,
): RunningControllers {
  const log = { write: () => {} };
  const { caches, run } = createCaches({ client, instruments, log, namespace });
  const stalled: string[] = [];
  for (const cache of [caches.trainingJobs, caches.modelDeployments, caches.modelVersions]) {
    cache.subscribe(({ object }) => {
      const found = conditionsOf(object).find(({ type }) => type === 'Stalled');
      if (found) stalled.push(`${object.kind}: ${found.reason}`);
    });
  }
  const events = new EventRecorder({ client, component: 'test', instance: 'test' });
  const { controllers, close } = createControllers({
    settings,
    identity: knownIdentity,
    client,
    caches,
    events,
    instruments,
    log,
  });
  const ending = new AbortController();
  const running = [run(ending.signal), ...controllers.map((each) => each.run(ending.signal))];
  const stop = async () => {
    ending.abort();
    await close();
    await Promise.all(running);
  };
  return { stalled, stop };
}

/** What a test with its own namespace and its own controllers works with; valid within a test. */
export type ControlledNamespace = {
  readonly cluster: Cluster;
  /** Into the namespace, where the kind has one. */
  apply(resource: Resource, manifest: KubeObject): Promise<Stored>;
};

/** Gives each test of the file a namespace with running controllers, of which nothing may ever be told to be Stalled. */
export function eachInControlledNamespace(): ControlledNamespace {
  let cluster: Cluster;
  let controllers: RunningControllers;
  beforeAll(async () => {
    const { client, close } = await connect();
    await installCrds(client);
    await close();
  });
  beforeEach(async () => {
    cluster = await connect();
    controllers = runControllers(cluster);
  });
  afterEach(async () => {
    await controllers.stop();
    await cluster.close();
    expect(controllers.stalled).toEqual([]);
  });
  return {
    get cluster() {
      return cluster;
    },
    apply: (resource, manifest) =>
      cluster.client.apply(resource, {
        ...manifest,
        metadata: { ...manifest.metadata, ...(resource.namespaced ? { namespace: cluster.namespace } : {}) },
      }),
  };
}

/** The claims that the smallest manifests name; nothing is in them. */
export async function makeClaims({ apply }: ControlledNamespace): Promise<void> {
  for (const name of ['datasets', 'models']) {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const manifest = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec };
    await apply(resources.persistentVolumeClaims, manifest as KubeObject);
  }
}

export async function until(holds: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms`);
    await delay(50);
  }
}

export const conditionsOf = (object: KubeObject): readonly Condition[] =>
  (object as KubeObject & { status?: { conditions?: Condition[] } }).status?.conditions ?? [];

/** What the object says of what was refused, once it has these words; or, without words, once it says nothing of it. */
export async function untilRefused(
  { client, namespace }: Cluster,
  { resource, name }: { readonly resource: Resource; readonly name: string },
  words: RegExp | undefined,
): Promise<readonly Condition[]> {
  let said: readonly Condition[] = [];
  await until(async () => {
    said = conditionsOf(await client.get(resource, { name, namespace }));
    const message = said.find(({ type }) => type === 'ChildRefused')?.message;
    return words === undefined ? message === undefined : message !== undefined && words.test(message);
  }, 30_000).catch((error: unknown) => {
    throw new Error(JSON.stringify(said, undefined, 1), { cause: error });
  });
  return said;
}
