// The chart's admission policies on a real apiserver: who writes an object names in it only what he may use himself.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { namingFields } from '@sluice/crds/access-policy.ts';
import { kinds } from '@sluice/crds/kinds.ts';
import { chart } from '../../cluster/chart.ts';
import { kubectlFor } from '../../cluster/kubectl-client.ts';
import { CommandError, runCommand } from '../../cluster/run-command.ts';
import { installCrds } from '../crds/installed-crds.ts';
import { type Changes, changed, minimal } from '../crds/manifests.ts';
import { type Cluster, connect } from '../kube/cluster.ts';

const toolsPath = process.env['SLUICE_TEST_TOOLS'] ?? '';
const kubectl = kubectlFor({
  toolsPath,
  kubeconfigPath: process.env['SLUICE_TEST_KUBECONFIG'] ?? '',
  context: undefined,
});
const render = (...options: string[]) => {
  const template = ['template', 'sluice', chart, '--show-only', 'templates/secret-access-policy.yaml'];
  return runCommand([join(toolsPath, 'helm'), ...template, ...options]);
};

const rbac = 'rbac.authorization.k8s.io';
const grant = (name: string, users: readonly string[], rules: readonly object[]) => [
  { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name }, rules },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: users.map((user) => ({ apiGroup: rbac, kind: 'User', name: user })),
  },
];
const shared = { apiGroups: [''], resourceNames: ['shared'] };

/** All may write objects of ours; `reader` may get the Secret `shared` and be the ServiceAccount `shared`. */
const rights = [
  ...grant('writing', ['outsider', 'reader'], [{ apiGroups: ['sluice.dev'], resources: ['*'], verbs: ['*'] }]),
  ...grant(
    'reading',
    ['reader'],
    [
      { ...shared, resources: ['secrets'], verbs: ['get'] },
      { ...shared, resources: ['serviceaccounts'], verbs: ['impersonate'] },
    ],
  ),
  ...grant('everything', ['administrator'], [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]),
];

let cluster: Cluster;
let policies: string;

/** What the apiserver says to a command; empty when it does it. */
async function said(args: readonly string[], input?: string): Promise<string> {
  try {
    await kubectl([...args, '--namespace', cluster.namespace], input);
    return '';
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

type Tree = { [key: string]: unknown };

/** What a field may not stand without. */
const companions: Readonly<Record<string, Changes>> = {
  'spec.expose.ingress.tlsSecretName': { 'spec.expose': { type: 'Ingress' } },
  'spec.access.jwt.jwksSecretName': {
    'spec.access': { jwt: { issuer: 'https://id.example.com', audiences: ['sluice'], roleClaim: 'roles' } },
  },
};

/** The smallest object of a kind in which the field at `path` has that value; what is on the way is made. */
function manifest(kind: string, path: string, value: unknown): string {
  const copy = structuredClone(changed(minimal[kind] as never, companions[path] ?? {})) as unknown as Tree;
  const way = path.split('.');
  const last = way.pop() ?? '';
  let at = copy;
  for (const key of way) {
    at[key] ??= {};
    at = at[key] as Tree;
  }
  at[last] = value;
  return JSON.stringify(copy);
}

/** What it would say to the creation of an object in which a field names these, or, if it is no list, the last of them. */
function wouldSay(as: string, { kind, path }: { kind: string; path: string }, names: readonly string[]) {
  const isList = path.endsWith('[]');
  const object = isList ? manifest(kind, path.slice(0, -2), names) : manifest(kind, path, names.at(-1));
  return said(['create', '--dry-run=server', '--as', as, '-f', '-'], object);
}

const pullSecrets = { kind: 'TrainingJob', path: 'spec.scheduling.imagePullSecrets[]' };
/** As many as a list may have; the last is hidden from `reader`. */
const many = [...Array.from({ length: 7 }, (_, index) => `other-${index}`), 'hidden'];

beforeAll(async () => {
  cluster = await connect();
  await installCrds(cluster.client);
  policies = await render();
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rights });
  await kubectl(['apply', '--namespace', cluster.namespace, '-f', '-'], list);
  await kubectl(['apply', '--server-side', '-f', '-'], policies);
  // The apiserver hears of its own policies a moment later.
  while ((await wouldSay('outsider', pullSecrets, ['hidden'])) === '') await delay(100);
}, 60_000);

afterAll(async () => {
  await kubectl(['delete', '--ignore-not-found', '-f', '-'], policies);
  await cluster.close();
}, 60_000);

const fields = kinds.flatMap((kind) => namingFields(kind).map((field) => ({ kind: kind.kind, ...field })));

describe.each(fields)('$kind.$path', (field) => {
  test('is refused to who may not use what it names, in words that say what to do', async () => {
    const answer = await wouldSay('outsider', field, ['hidden']);
    expect(answer).toContain(`names ${field.names} hidden, which outsider may not use: ask for the right to`);
    expect(answer).toContain('forbidden');
  });

  test('is open to who may, and to him only for what he may use, wherever it stands in a list', async () => {
    expect(await wouldSay('reader', field, ['shared'])).toBe('');
    expect(await wouldSay('reader', field, ['shared', 'hidden'])).toContain('hidden, which reader may not use');
  });

  test('is open to who may use everything, with as many as there may be', async () => {
    expect(await wouldSay('administrator', field, many)).toBe('');
  });
});

test('the ServiceAccount default, which every pod may have, may be named by everybody', async () => {
  const field = { kind: 'TrainingJob', path: 'spec.scheduling.serviceAccountName' };
  expect(await wouldSay('outsider', field, ['default'])).toBe('');
});

describe('an object that names a Secret', () => {
  const job = ['trainingjob', 'digits'];
  const patch = (as: string, change: object, ...more: string[]) =>
    said(['patch', ...job, '--type=merge', `--patch=${JSON.stringify(change)}`, '--as', as, ...more]);

  beforeAll(async () => {
    const object = manifest('TrainingJob', 'spec.scheduling', { imagePullSecrets: ['shared'] });
    expect(await said(['create', '--as', 'reader', '-f', '-'], object)).toBe('');
  });

  test('may be labelled, told about and deleted by who may not get the Secret', async () => {
    expect(await said(['label', ...job, 'team=a', '--as', 'outsider'])).toBe('');
    expect(await patch('outsider', { status: { observedGeneration: 1 } }, '--subresource=status')).toBe('');
    expect(await said(['delete', ...job, '--dry-run=server', '--as', 'outsider'])).toBe('');
  });

  test('may not be turned to another use by him, nor be made to name another Secret', async () => {
    expect(await patch('outsider', { spec: { suspend: true } })).toContain('names Secret shared');
    expect(await patch('reader', { spec: { suspend: true } })).toBe('');
  });

  test('may be changed by him when the change takes the name away', async () => {
    const change = { spec: { suspend: false, scheduling: { imagePullSecrets: null } } };
    expect(await patch('outsider', change, '--dry-run=server')).not.toContain('may not use');
  });
});

test.each(['secretAccessPolicy.enabled=false', 'watchNamespace=ml'])('with %s the chart has none', async (value) => {
  expect(await render('--set', value)).not.toContain('ValidatingAdmissionPolicy');
});
