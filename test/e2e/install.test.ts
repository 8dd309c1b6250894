// What the chart installs and what it is allowed to do: enough for the whole loop, and nothing that is never used.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chart, systemNamespace } from '../cluster/chart.ts';
import { runCommand } from '../cluster/run-command.ts';
import { type AuditedRequest, auditedRequests } from './audit.ts';
import { twoClasses } from './datasets.ts';
import { dataset, modelDeployment, models, trainingJob } from './manifests.ts';
import { installScoped, type Rule, removeScoped, type ScopedOperator } from './scoped-operator.ts';
import { untilLive, untilOnlyOneRevision } from './serving.ts';
import { makeLenient, makeStrict, podDefaults } from './strict-cluster.ts';
import { apiVersion, type Conditioned, World } from './world.ts';

let world: World;
let elsewhere: World;

beforeAll(async () => {
  [world, elsewhere] = await Promise.all([World.open('scoped'), World.open('elsewhere')]);
}, 60_000);

/** The namespaces go first: the operator of all namespaces shall not begin in them what was not meant for it. */
afterAll(async () => {
  await makeLenient(world);
  await Promise.all([elsewhere.close(), world.close()]);
  await removeScoped(world);
}, 180_000);

/** One pod, of another team. */
const gateway = {
  apiVersion,
  kind: 'ModelGateway',
  metadata: { name: 'default' },
  spec: { replicas: 1, podMetadata: { labels: { team: 'platform' } } },
};

const mainOperator = `system:serviceaccount:${systemNamespace}:sluice-operator`;

/** What the apiserver says about a right in the namespace of the test; `resource` is `group/resource/subresource`. */
async function isAllowed(user: string, verb: string, path: string): Promise<boolean> {
  const [group = '', resource = '', subresource = ''] = path.split('/');
  const resourceAttributes = { namespace: world.namespace, verb, group, resource, subresource };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes },
  };
  const answer = await world.kubectl(['create', '--output=json', '-f', '-'], JSON.stringify(review));
  return (JSON.parse(answer) as { status: { allowed: boolean } }).status.allowed;
}

describe('the operator', () => {
  test.each([
    ['get', '/secrets'],
    ['list', '/secrets'],
    ['watch', '/secrets'],
    ['create', '/secrets'],
    ['patch', '/secrets'],
    ['get', '/pods/log'],
    ['create', '/pods/exec'],
    ['get', '/pods/proxy'],
    ['create', '/pods'],
    ['delete', '/pods'],
    ['create', '/serviceaccounts/token'],
    ['update', 'sluice.dev/trainingjobs'],
    ['delete', 'sluice.dev/modelversions'],
    ['create', 'rbac.authorization.k8s.io/roles'],
  ])('may not %s %s', async (verb, path) => {
    expect(await isAllowed(mainOperator, verb, path)).toBe(false);
  });

  test('is asked by the right name: what it may do is allowed', async () => {
    expect(await isAllowed(mainOperator, 'patch', 'sluice.dev/trainingjobs/status')).toBe(true);
  });
});

describe('the chart', () => {
  test.each([
    [''],
    ['watchNamespace=ml,crds.enabled=false'],
    ['operator.replicas=2,operator.logLevel=debug,networkPolicy.enabled=false'],
    ['waysIn=null'],
    ['waysIn={Ingress}'],
    ['images.registry=example.com/team,images.tag=v7,images.pullSecrets[0].name=pull'],
  ])(
    'passes lint with %p',
    async (values) => {
      const lint = [join(world.place.toolsPath, 'helm'), 'lint', '--strict', chart, '--set', values];
      expect(await runCommand(lint)).toContain('0 chart(s) failed');
    },
    30_000,
  );
});

/**
 * Rights that a healthy loop does not use, and why they are there. They are for what a later release may leave behind: an
 * object of ours that is no longer wanted is deleted.
 */
const seldomUsed = [
  // An owner is read again before a child is removed in a round that writes no status; so is a child whose name is taken.
  'get trainingjobs.sluice.dev',
  'get modelversions.sluice.dev',
  'get modeldeployments.sluice.dev',
  'get modelgateways.sluice.dev',
  'get jobs.batch',
  'get controllerrevisions.apps',
  // Events that repeat themselves become a series.
  'patch events.events.k8s.io',
  // Asked only when a Job of ours has no pod for three seconds.
  'list events.events.k8s.io',
  'delete configmaps',
  'delete poddisruptionbudgets.policy',
  'delete controllerrevisions.apps',
  // Checked by the apiserver for owner references that block deletion; no request of its own.
  'update trainingjobs.sluice.dev/finalizers',
  'update modelversions.sluice.dev/finalizers',
  'update modeldeployments.sluice.dev/finalizers',
  'update modelgateways.sluice.dev/finalizers',
  'update configmaps/finalizers',
  // Only while a ModelGateway asks for one of these.
  ...['get', 'create', 'patch', 'delete'].flatMap((verb) => [
    `${verb} ingresses.networking.k8s.io`,
    `${verb} httproutes.gateway.networking.k8s.io`,
  ]),
  // A cluster may not have the Gateway API.
  ...['list', 'watch'].flatMap((verb) => [
    `${verb} httproutes.gateway.networking.k8s.io`,
    `${verb} gateways.gateway.networking.k8s.io`,
  ]),
  // Server-side apply is a patch; what does not exist yet needs the right to create, too.
  'create deployments.apps',
  'create poddisruptionbudgets.policy',
  'create services',
];

const rightsOf = (rules: readonly Rule[]): string[] =>
  rules.flatMap(({ apiGroups: [group], resources, verbs }) =>
    resources.flatMap((resource) => {
      const [name = '', subresource] = resource.split('/');
      const full = `${name}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`;
      return verbs.map((verb) => `${verb} ${full}`);
    }),
  );

const rightOf = ({ verb, resource, namespace }: AuditedRequest) =>
  `${verb} ${resource} in ${namespace || 'all namespaces'}`;

/**
 * What was asked for and never granted. Two refusals say nothing of the operator's rights: nobody may create anything in
 * a namespace that is being removed, and an apiserver that has just started refuses, until it has read its roles, what it
 * grants a moment later.
 */
function neverGranted(requests: readonly AuditedRequest[]): string[] {
  const granted = new Set(requests.filter(({ code }) => code >= 200 && code < 400).map(rightOf));
  const refused = requests.filter(({ code, message }) => code === 403 && !message.includes('being terminated'));
  return refused
    .filter((request) => !granted.has(rightOf(request)))
    .map((request) => `${rightOf(request)}: ${request.message}`);
}

test('everything that the operator of all namespaces ever asked for was granted', async () => {
  const requests = await auditedRequests(world, mainOperator);
  expect(requests.length).toBeGreaterThan(0);
  expect(neverGranted(requests)).toEqual([]);
}, 30_000);

describe('an operator installed for one namespace', () => {
  let operator: ScopedOperator;
  const components = new Set<string>();

  const see = (pods: readonly Conditioned[]) => {
    for (const { metadata } of pods) components.add(metadata.labels?.['app.kubernetes.io/component'] ?? '');
  };

  beforeAll(async () => {
    await makeStrict(world);
    operator = await installScoped(world, { podDefaults, 'operator.tolerations': podDefaults.scheduling.tolerations });
    const points = dataset('points', twoClasses(200));
    await Promise.all([world.apply(models, points), elsewhere.apply(models, points)]);
    await elsewhere.apply(trainingJob('ignored'));
  }, 180_000);

  test('trains, publishes, verifies, serves and replaces, in restricted pods only, in a strict cluster', async () => {
    await world.apply(gateway);
    await world.apply(trainingJob('one', { model: 'points', spec: { retention: { podsSeconds: 0 } } }));
    const job = { kind: 'TrainingJob', name: 'one', within: 120 };
    await world.until(job, () => true);
    await world.eventually({ what: 'the pod of one' }, async () => {
      const pods = await world.list('Pod');
      see(pods);
      return pods.length > 0 ? true : undefined;
    });
    await world.untilCondition(job, { type: 'Complete', status: 'True' });
    await world.apply(modelDeployment('points', { name: 'points', track: 'Latest' }));
    const version = await world.until({ kind: 'ModelVersion', name: 'points-1' }, () => true);
    await untilLive(world, 'points', 'points-1');
    await world.apply({ ...importOf(version), apiVersion });
    const imported = { kind: 'ModelVersion', name: 'points-2', within: 120 };
    await world.untilCondition(imported, { type: 'Ready', status: 'True', reason: 'Imported' });
    await world.patch('ModelDeployment', 'points', { spec: { server: { requestTimeoutSeconds: 5 } } });
    await untilLive(world, 'points', 'points-2');
    see(await world.list('Pod'));
    await world.untilCondition(
      { kind: 'ModelGateway', name: 'default' },
      { type: 'Ready', status: 'True', reason: 'PodsReady' },
    );
    await untilOnlyOneRevision(world, 'points');
    await world.eventually({ what: 'no Job is kept' }, async () =>
      (await world.list('Job')).length === 0 ? true : undefined,
    );
    expect([...components].sort()).toEqual(expect.arrayContaining(['gateway', 'server', 'trainer']));
  }, 400_000);

  test('leaves other namespaces alone', async () => {
    const ignored = await elsewhere.until({ kind: 'TrainingJob', name: 'ignored' }, () => true);
    expect(ignored.status?.['observedGeneration']).toBe(-1);
    // What is no resource is of no namespace: the keys by which tokens are checked.
    const requests = (await auditedRequests(world, operator.user)).filter(({ resource }) => resource !== '');
    const namespaces = new Set(requests.map(({ namespace }) => namespace));
    expect([...namespaces].sort()).toEqual([operator.namespace, world.namespace].sort());
  });

  test('is granted all that it asks for, and has no right that it does not use', async () => {
    const requests = await auditedRequests(world, operator.user);
    expect(neverGranted(requests)).toEqual([]);
    const used = new Set(requests.map(({ verb, resource }) => `${verb} ${resource}`));
    const rights = rightsOf(operator.rules);
    expect(rights.length).toBeGreaterThan(30);
    expect(rights.filter((right) => !used.has(right) && !seldomUsed.includes(right))).toEqual([]);
  });
});

/** The same bundle as a person would import it under the next number. */
function importOf({ spec }: Conditioned) {
  const { modelName, bundle } = spec as { modelName: string; bundle: object };
  return {
    kind: 'ModelVersion',
    metadata: { name: `${modelName}-2` },
    spec: { modelName, number: 2, bundle },
  };
}
