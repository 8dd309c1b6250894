// The chart renders to what is checked in, refuses values that make no sense, and asks for no right it should not have.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { noPodDefaults, podDefaultsSchema } from '@sluice/crds/pod-defaults.ts';
import { loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { DEFAULT_LEASE_TIMING } from '@sluice/operator/kube/lease/lease-decision.ts';
import { identitySecret } from '@sluice/operator/shell/hop/identity-secret.ts';
import { Agent, request } from 'undici';
import { parseAllDocuments } from 'yaml';
import { chart, installPath, renderInstall } from '../../cluster/chart.ts';
import { kubectlFor } from '../../cluster/kubectl-client.ts';
import { runCommand } from '../../cluster/run-command.ts';

const toolsPath = process.env['SLUICE_TEST_TOOLS'] ?? '';
const kubectl = kubectlFor({
  toolsPath,
  kubeconfigPath: process.env['SLUICE_TEST_KUBECONFIG'] ?? '',
  context: undefined,
});

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[] };
type Rendered = { kind: string; metadata: { name: string; namespace?: string }; rules?: Rule[] };

type Container = {
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly env: readonly { readonly name: string; readonly value?: string }[];
};
type OperatorDeployment = {
  readonly metadata: { readonly labels: object };
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: object;
      readonly spec: { readonly containers: Container[]; readonly priorityClassName?: string };
    };
  };
};

async function operatorDeployment(...values: string[]): Promise<OperatorDeployment> {
  const deployment: unknown = (await render(...values)).find(({ kind }) => kind === 'Deployment');
  return deployment as OperatorDeployment;
}

/** The containers of the operator's pod. */
const containers = async (...values: string[]): Promise<Container[]> =>
  (await operatorDeployment(...values)).spec.template.spec.containers;

/** What the operator is told of `podDefaults`. */
async function podDefaults(...values: string[]): Promise<unknown> {
  const [container] = await containers(...values);
  return JSON.parse(container?.env.find(({ name }) => name === 'SLUICE_POD_DEFAULTS')?.value ?? '');
}

/** By which FlowSchema the apiserver lets a request of the operator through. */
async function flowSchemaOf(path: string): Promise<string | undefined> {
  const { server, tls, headers } = await loadClusterAccess({ kubeconfig: process.env['SLUICE_TEST_KUBECONFIG'] });
  const agent = new Agent({ connect: tls });
  const asOperator = { 'Impersonate-User': 'system:serviceaccount:sluice-system:sluice-operator' };
  const groups = { 'Impersonate-Group': ['system:serviceaccounts', 'system:authenticated'] };
  const answer = await request(`${server}${path}`, {
    dispatcher: agent,
    headers: { ...(await headers(false)), ...asOperator, ...groups },
  });
  await answer.body.dump();
  await agent.close();
  return String(answer.headers['x-kubernetes-pf-flowschema-uid']);
}

const render = async (...values: string[]): Promise<Rendered[]> =>
  parseAllDocuments(await renderInstall(toolsPath, values)).flatMap(
    (document) => (document.toJS() as Rendered | null) ?? [],
  );

describe('install.yaml', () => {
  test('is what the chart renders to with default values', async () => {
    expect(await readFile(installPath, 'utf8')).toBe(await renderInstall(toolsPath));
  });

  test('is taken whole by a real apiserver', async () => {
    await kubectl(['apply', '--server-side', '-f', installPath]);
    expect(await kubectl(['apply', '--server-side', '--dry-run=server', '-f', installPath])).toContain(
      'sluice-operator',
    );
  }, 60_000);
});

describe('rights', () => {
  test('hold no wildcard, read no Secret, and are no way into a pod', async () => {
    const rules = (await render()).flatMap((object) => object.rules ?? []);
    const resources = rules.flatMap((rule) => rule.resources);
    expect(rules.flatMap((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs])).not.toContain('*');
    for (const forbidden of ['pods/log', 'pods/exec', 'pods/proxy', 'serviceaccounts/token']) {
      expect(resources).not.toContain(forbidden);
    }
    expect(rules.flatMap((rule) => rule.verbs)).not.toContain('escalate');
  });

  test('of Secrets make one in the operator’s own namespace and take that one away, and no other object has any', async () => {
    const withSecrets = (await render()).filter(({ rules }) =>
      rules?.some((rule) => rule.resources.includes('secrets')),
    );
    expect(withSecrets).toMatchObject([
      { kind: 'Role', metadata: { name: 'sluice-leader', namespace: 'sluice-system' } },
    ]);
    expect(withSecrets[0]?.rules?.filter((rule) => rule.resources.includes('secrets'))).toEqual([
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: [identitySecret], verbs: ['delete'] },
    ]);
    expect(await renderInstall(toolsPath)).toContain(`secret: {secretName: ${identitySecret}, optional: true}`);
  });

  test('end at the namespace that is watched, if one is named', async () => {
    const objects = await render('watchNamespace=ml');
    expect(objects.map(({ kind }) => kind)).not.toContain('ClusterRole');
    const role = objects.find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'sluice-operator');
    expect(role?.metadata.namespace).toBe('ml');
  });
});

describe('the operator', () => {
  test('gets its heap from its memory limit, whatever that is', async () => {
    const dockerfile = await readFile(join(import.meta.dirname, '../../../operator/Dockerfile'), 'utf8');
    expect(dockerfile).toContain('CMD ["node", "--max-old-space-size-percentage=75", "/app/main.mjs"]');
    const [container] = await containers('operator.resources.limits.memory=1.5Gi');
    expect(container).not.toHaveProperty('command');
    expect(container).not.toHaveProperty('args');
    expect(container?.resources.limits.memory).toBe('1.5Gi');
  });

  test('has its lease served as those of Kubernetes are, and nothing else', async () => {
    await kubectl(['apply', '--server-side', '-f', installPath]);
    const name = ['get', 'flowschema', 'sluice-leader-sluice-system', '--output', 'jsonpath={.metadata.uid}'];
    const uid = await kubectl(name);
    const leases = '/apis/coordination.k8s.io/v1/namespaces/sluice-system/leases/sluice-operator';
    expect(await flowSchemaOf(leases)).toBe(uid);
    for (const path of [leases.replace('sluice-system', 'default'), '/apis/batch/v1/jobs']) {
      expect(await flowSchemaOf(path)).not.toBe(uid);
    }
  }, 60_000);

  test('asks for nothing cluster-wide when it watches one namespace', async () => {
    const kinds = (await render('watchNamespace=ml', 'crds.enabled=false')).map(({ kind }) => kind);
    expect(kinds).not.toContain('FlowSchema');
  });
});

describe('values', () => {
  test.each([
    ['operator.replicas=many', 'replicas'],
    ['operator.logLevel=chatty', 'logLevel'],
    ['operator.leaderElection.leaseSeconds=1', 'leaseSeconds'],
    ['images.registri=example.com/x', 'registri'],
    ['podUser=root', 'podUser'],
    ['operator.resources.limits.memory=lots', 'memory'],
    ['podDefaults.scheduling.hostNetwork=true', 'hostNetwork'],
    ['podDefaults.resources.cpuLimitPercent=50', 'cpuLimitPercent'],
  ])('%s is refused by name', async (value, name) => {
    await expect(renderInstall(toolsPath, [value])).rejects.toThrow(name);
  });

  test('of images reach every part', async () => {
    const text = await renderInstall(toolsPath, ['images.registry=example.com/team', 'images.tag=v7']);
    for (const part of ['operator', 'trainer', 'server', 'gateway'])
      expect(text).toContain(`example.com/team/${part}:v7`);
  });

  test('of podDefaults are what the operator takes, and by default nothing', async () => {
    const wanted = {
      scheduling: { nodeSelector: { pool: 'ml' }, imagePullSecrets: ['registry'] },
      resources: { cpuLimitPercent: 400 },
    };
    const values = [
      'podDefaults.scheduling.nodeSelector.pool=ml',
      'podDefaults.scheduling.imagePullSecrets={registry}',
      'podDefaults.resources.cpuLimitPercent=400',
    ];
    expect(podDefaultsSchema.parse(await podDefaults(...values))).toEqual({ ...wanted, podMetadata: {} });
    expect(podDefaultsSchema.parse(await podDefaults())).toEqual(noPodDefaults);
  });

  test('of the operator’s own pod leave the labels by which it is found', async () => {
    const wished = ['team=ml', 'app\\.kubernetes\\.io/component=other'];
    const deployment = await operatorDeployment(
      ...wished.map((label) => `operator.podMetadata.labels.${label}`),
      'operator.podMetadata.annotations.owner=Ada',
      'operator.priorityClassName=system-cluster-critical',
    );
    const { selector, template } = deployment.spec;
    expect(deployment.metadata.labels).toMatchObject({ team: 'ml' });
    expect(template.metadata).toMatchObject({
      labels: { team: 'ml', ...selector.matchLabels },
      annotations: { owner: 'Ada' },
    });
    expect(template.spec.priorityClassName).toBe('system-cluster-critical');
  });

  test('of leader election are what the operator takes, and by default its own', async () => {
    const variable = 'SLUICE_LEASE_TIMING, value: ';
    const { leaseSeconds, renewSeconds, retrySeconds } = DEFAULT_LEASE_TIMING;
    expect(await renderInstall(toolsPath)).toContain(`${variable}"${leaseSeconds}/${renewSeconds}/${retrySeconds}"`);
    const quick = ['lease=15', 'renew=10', 'retry=2'].map(
      (each) => `operator.leaderElection.${each.replace('=', 'Seconds=')}`,
    );
    expect(await renderInstall(toolsPath, quick)).toContain(`${variable}"15/10/2"`);
  });

  test.each([
    ['', '', 'Fixed'],
    ['', 'security.openshift.io/v1', 'Cluster'],
    ['podUser=Fixed', 'security.openshift.io/v1', 'Fixed'],
    ['podUser=Cluster', '', 'Cluster'],
  ])('of the pods’ user: with %p, where the API %p is served, it is %s', async (value, api, user) => {
    const options = [...(value ? ['--set', value] : []), ...(api ? ['--api-versions', api] : [])];
    const text = await runCommand([join(toolsPath, 'helm'), 'template', 'sluice', chart, ...options]);
    expect(text).toContain(`{name: SLUICE_POD_USER, value: ${user}}`);
    expect(text.includes('runAsUser: 65532')).toBe(user === 'Fixed');
  });

  test('keep the CRDs out when somebody else installs them', async () => {
    const kinds = (await render('crds.enabled=false')).map(({ kind }) => kind);
    expect(kinds).not.toContain('CustomResourceDefinition');
  });
});
