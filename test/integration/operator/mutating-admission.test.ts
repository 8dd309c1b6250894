// The controllers on a real apiserver whose admission changes everything that they write: what came of a write is
// accepted, what somebody changes later is put right, and what they want next is written.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { installCrds } from '../crds/installed-crds.ts';
import { bundleUri, changed, minimal } from '../crds/manifests.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { type Counted, counted } from '../kube/counted.ts';
import { type RunningControllers, runControllers, until } from './controllers-in-cluster.ts';
import { configureWebhook, type MutatingWebhook, type SeenWrite, startWebhook } from './mutating-webhook.ts';
import { Person } from './person.ts';
import { mutated } from './strangers-mutations.ts';

jest.setTimeout(60_000);

let cluster: Cluster;
let person: Person;
let webhook: MutatingWebhook;
let withdraw: () => Promise<void>;
let counts: Counted;
let running: RunningControllers;

beforeAll(async () => {
  cluster = await connect();
  await installCrds(cluster.client);
  person = new Person(cluster);
  webhook = await startWebhook(mutated);
  withdraw = await configureWebhook(cluster, webhook);
  await until(async () => (await probe()).metadata.labels?.['team'] === 'strangers');
  counts = counted();
  const client = new KubeClient(cluster.transport, { fieldManager: 'sluice' });
  running = runControllers({ ...cluster, client }, counts.instruments);
  await person.apply(
    resources.modelVersions,
    changed(minimal['ModelVersion'] as never, { 'spec.bundle.uri': bundleUri('digits') }),
  );
  await pass('digits-3');
  await serve({});
  await until(async () => (await person.made()).length >= 6);
});

afterAll(async () => {
  await running.stop();
  await withdraw();
  await webhook.close();
  await cluster.close();
});

const probe = () =>
  person.apply(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe' } });

const serve = (changes: object) =>
  person.apply(
    resources.modelDeployments,
    changed(minimal['ModelDeployment'] as never, {
      'spec.server': { replicas: 2, resources: { cpu: '0.3333' } },
      ...changes,
    }),
  );

/** No kubelet runs the verification, so the test itself says what it would find. */
async function pass(name: string): Promise<void> {
  const at = { observedGeneration: 1, lastTransitionTime: '2026-01-05T10:00:00Z' };
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Imported', message: 'good', ...at }];
  const version = await person.get(resources.modelVersions, name);
  await person.report(resources.modelVersions, version, { observedGeneration: 1, conditions });
}

const writesOfOurs = (): SeenWrite[] => webhook.seen.filter(({ by }) => by === 'sluice');

/** A person notes something on the object and on all that was made of it: every controller looks again, so many times. */
async function rounds(count: number): Promise<void> {
  const served = {
    resource: resources.modelDeployments,
    object: await person.get(resources.modelDeployments, 'digits'),
  };
  const noted = [served, ...(await person.made())];
  for (let at = 0; at < count; at += 1) {
    const before = counts.total('reconcile_total');
    const body = { metadata: { annotations: { 'example.com/seen': String(at) } } };
    await Promise.all(noted.map(({ resource, object }) => person.patch(resource, object, body)));
    await until(() => Promise.resolve(counts.total('reconcile_total') >= before + 2));
  }
}

type Deployment = KubeObject & {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: KubeObject['metadata'];
      readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
    };
  };
};

/** The Deployment of the revision's servers. */
async function servers(): Promise<Stored<Deployment>> {
  const all = (await person.made()).filter(({ resource }) => resource === resources.deployments);
  const found = all.find(({ object }) => object.metadata.name !== 'sluice-gateway');
  return found?.object as Stored<Deployment>;
}

/** Until some rounds have written nothing. What is written for ever is never quiet. */
async function untilQuiet(): Promise<void> {
  for (let before = -1, tries = 0; before < writesOfOurs().length; tries += 1) {
    if (tries > 6) throw new Error(`still writing: ${JSON.stringify(writesOfOurs().slice(before))}`);
    before = writesOfOurs().length;
    await rounds(3);
  }
}

/** By object, how often the operator wrote it. */
function timesWritten(): Map<string, number> {
  const times = new Map<string, number>();
  for (const { kind, name } of writesOfOurs()) times.set(`${kind} ${name}`, (times.get(`${kind} ${name}`) ?? 0) + 1);
  return times;
}

test('each object is written twice at most, and then no more, however often it is looked at', async () => {
  await untilQuiet();
  const settled = timesWritten();
  expect([...settled].filter(([, times]) => times > 2)).toEqual([]);
  expect([...settled.keys()].length).toBeGreaterThanOrEqual(6);
  await rounds(20);
  expect(timesWritten()).toEqual(settled);
});

/** Settled again within seconds of something new: written once or twice, and then not any more. */
async function settles(change: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<SeenWrite[]> {
  const before = writesOfOurs().length;
  await change();
  await until(isDone);
  await untilQuiet();
  const settled = writesOfOurs();
  await rounds(10);
  expect(writesOfOurs()).toEqual(settled);
  return settled.slice(before);
}

const imagesIn = ({ spec }: Deployment) => spec.template.spec.containers.map(({ name, image }) => `${name} ${image}`);

/** What a person changes, of the first object of each kind that serves the model. */
const drifts: readonly [string, Resource, (object: Stored) => object][] = [
  [
    'another image',
    resources.deployments,
    (object) => {
      const containers = (object as Stored<Deployment>).spec.template.spec.containers;
      return { spec: { template: { spec: { containers: containers.map((each) => ({ ...each, image: 'evil:1' })) } } } };
    },
  ],
  ['another selector', resources.services, () => ({ spec: { selector: { 'sluice.dev/revision': 'other' } } })],
  [
    'another budget',
    resources.podDisruptionBudgets,
    () => ({ spec: { selector: { matchLabels: { 'sluice.dev/revision': 'other' } } } }),
  ],
  ['another configuration', resources.configMaps, () => ({ data: { 'bootstrap.json': '{}' } })],
];

test.each(drifts)(
  'what a person changes afterwards is put right, through the same admission: %s',
  async (_what, resource, drift) => {
    const isIt = ({ metadata }: KubeObject) =>
      resource === resources.configMaps
        ? metadata.name === 'sluice-gateway-bootstrap'
        : metadata.name.startsWith('digits-');
    const asMade = (await person.made()).find((each) => each.resource === resource && isIt(each.object))?.object;
    if (asMade === undefined) throw new Error(`no ${resource.kind}`);
    const found = async () => {
      const { data, spec } = (await person.get(resource, asMade.metadata.name)) as KubeObject & {
        data?: unknown;
        spec?: unknown;
      };
      return JSON.stringify({ data, spec });
    };
    const before = await found();
    const written = await settles(
      () => person.patch(resource, asMade, drift(asMade)),
      async () => (await found()) === before,
    );
    expect(written.map(({ kind, name }) => ({ kind, name }))).toEqual([
      { kind: resource.kind, name: asMade.metadata.name },
    ]);
  },
);

test('what we want next is written, once or twice', async () => {
  const written = await settles(
    () => serve({ 'spec.podMetadata': { labels: { tier: 'gold' } } }),
    async () => (await servers()).spec.template.metadata.labels?.['tier'] === 'gold',
  );
  const times = (kind: string) => written.filter((each) => each.kind === kind && each.name !== 'sluice-gateway').length;
  expect(times('Deployment')).toBeLessThanOrEqual(2);
  const made = await servers();
  expect(made.spec.template.metadata.labels).toMatchObject({ team: 'strangers', tier: 'gold' });
  expect(imagesIn(made)).toEqual(['proxy mirror.example.com/proxy:1', 'server mirror.example.com/server:1']);
});

test('pods that become ready, and are lost again, are not made anew for what admission put into them', async () => {
  const before = (await servers()).spec.template;
  for (const readyReplicas of [2, 0, 2]) {
    await settles(
      () => report(readyReplicas),
      () => Promise.resolve(true),
    );
    expect((await servers()).spec.template).toEqual(before);
  }
});

/** What the Deployment controller would say. */
async function report(readyReplicas: number): Promise<void> {
  const deployment = await servers();
  const counts = { replicas: 2, updatedReplicas: 2, readyReplicas };
  await person.report(resources.deployments, deployment, {
    observedGeneration: deployment.metadata.generation,
    ...counts,
  });
}
