// A kind whose plan is given, on an apiserver of a few lines, and what its round does there.
import { z } from 'zod';
import type { Child, MeasureRequest, Plan } from '../../core/plan.ts';
import type { Refusal } from '../../core/refusals.ts';
import { OwnWrites } from '../../kube/apply/own-writes.ts';
import { RefusedChildren } from '../../kube/apply/refused-children.ts';
import { Store } from '../../kube/cache/store.ts';
import { KubeClient } from '../../kube/client.ts';
import { EventRecorder } from '../../kube/events/events.ts';
import { noInstruments } from '../../kube/instruments.ts';
import type { KubeObject, Stored } from '../../kube/objects.ts';
import { FakeClock } from '../../kube/testing/fake-clock.ts';
import { MemoryTransport } from '../../kube/testing/memory-transport.ts';
import { stored } from '../../kube/testing/stored.ts';
import { resources } from '../resources.ts';
import { createRound, type Turns } from '../round.ts';
import type { AnyStatus } from '../round-outcome.ts';

/** The status of the kind in these tests. */
export type Status = AnyStatus & { readonly phase?: string; readonly percent?: number };

export const key = 'default/digits';
export const statusPath = '/apis/sluice.dev/v1alpha1/namespaces/default/trainingjobs/digits/status';
export const ownerPath = '/apis/sluice.dev/v1alpha1/namespaces/default/trainingjobs/digits';
export const configMapPath = (name: string) => `/api/v1/namespaces/default/configmaps/${name}`;

export const child = (name: string, lifetime: Child['lifetime'] = 'Managed'): Child => ({
  manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { a: '1' } },
  lifetime,
});

export const owner = (changes: object = {}) =>
  stored(
    { name: 'digits', resourceVersion: '0' },
    { apiVersion: 'sluice.dev/v1alpha1', kind: 'TrainingJob', spec: { size: 1 }, ...changes },
  );

export const ownedBy = (live: Stored, name: string) => {
  const { apiVersion, kind, metadata } = live;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
  return stored({ name, ownerReferences: [reference] }, { data: { a: '1' } });
};

/** A kind whose plan is given, and everything that its round touches. */
export function setUp(plan: Partial<Plan<Status>>, live: Stored & KubeObject = owner(), budget?: Turns) {
  const clock = new FakeClock();
  const transport = new MemoryTransport();
  const client = new KubeClient(transport, { fieldManager: 'sluice' });
  const events = new EventRecorder({ client, component: 'test', instance: 'test' });
  const store = new Store<KubeObject>();
  const children = new Store<KubeObject>();
  const refusedPods: Refusal[] = [];
  const measured: [string, readonly MeasureRequest[]][] = [];
  store.upsert(live);
  transport.objects.set(ownerPath, { ...live });
  const caches = [
    { resource: resources.trainingJobs, store },
    { resource: resources.configMaps, store: children },
  ];
  const ownWrites = new OwnWrites({ client, caches, clock });
  const round = createRound<{ size: number }, Status, null>(
    {
      resource: resources.trainingJobs,
      store,
      status: z.looseObject({}),
      spec: z.object({ size: z.number({ error: 'must be a number' }) }),
      children: [{ resource: resources.configMaps, store: children }],
      observe: () => null,
      plan: () => ({ desired: [], status: {}, events: [], measure: [], ...plan }),
      budget,
    },
    {
      client,
      events,
      ownWrites,
      instruments: noInstruments,
      refused: new RefusedChildren(clock),
      refusedPods: { look: () => Promise.resolve({ refusals: refusedPods, againInMs: undefined }) },
      measure: (of, requests) => measured.push([of, requests]),
    },
  );
  const run = async () => {
    const result = await round(key, new AbortController().signal);
    await events.flush();
    return result;
  };
  const told = () =>
    transport
      .writes()
      .filter(({ path }) => path.includes('/events'))
      .map(({ body }) => body as { reason: string; note: string });
  const status = () => transport.objects.get(statusPath)?.['status'] as Status | undefined;
  /** The caches show everything that was written. */
  const see = () => {
    for (const [path, object] of transport.objects) {
      const current = object as unknown as Stored;
      if (path.includes('/configmaps/') && current.metadata.ownerReferences !== undefined) children.upsert(current);
    }
    const written = transport.objects.get(statusPath);
    if (written === undefined) return;
    const { resourceVersion } = (written as unknown as Stored).metadata;
    const seen = { ...live, status: written['status'], metadata: { ...live.metadata, resourceVersion } };
    store.upsert(seen);
    transport.objects.set(ownerPath, { ...seen });
  };
  return { transport, store, children, clock, measured, refusedPods, run, told, status, see };
}
