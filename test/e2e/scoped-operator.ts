// A second installation of the chart that watches one namespace only. While it is there the operator of all namespaces is
// away: two must not look after the same objects.
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { chart, systemNamespace } from '../cluster/chart.ts';
import { runCommand } from '../cluster/run-command.ts';
import type { World } from './world.ts';

/** A rule of RBAC. */
export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

/** What was installed. */
export type ScopedOperator = {
  /** As the apiserver knows it. */
  readonly user: string;
  readonly namespace: string;
  /** Its rights in the namespace that it watches. */
  readonly rules: readonly Rule[];
};

type Rendered = { kind: string; metadata: { name: string }; rules?: Rule[] };

/** Sends the operator of all namespaces away, or brings it back. */
export async function scaleMainOperator(world: World, replicas: number): Promise<void> {
  const namespace = ['--namespace', systemNamespace];
  await world.kubectl([...namespace, 'scale', 'deployment/sluice-operator', `--replicas=${replicas}`]);
  const selector = '--selector=app.kubernetes.io/component=operator';
  await world.eventually({ what: `${replicas} pods of the main operator`, within: 120 }, async () => {
    const format = '--output=jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
    const ready = await world.kubectl([...namespace, 'get', 'pods', selector, format]);
    return ready.split(' ').filter((status) => status === 'True').length === replicas ? true : undefined;
  });
}

/**
 * Installs an operator for the namespace of `world` alone, without CRDs; the main operator is sent away first.
 * @param values of the chart.
 */
export async function installScoped(world: World, values: Readonly<Record<string, unknown>>): Promise<ScopedOperator> {
  const namespace = `${world.namespace}-system`;
  const { toolsPath } = world.place;
  const set = ['--set', `watchNamespace=${world.namespace},crds.enabled=false`];
  const more = Object.entries(values).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
  const manifests = await runCommand([
    join(toolsPath, 'helm'),
    'template',
    'scoped',
    chart,
    '-n',
    namespace,
    ...set,
    ...more,
  ]);
  await scaleMainOperator(world, 0);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
  const apply = ['apply', '--server-side', '-f', '-'];
  await world.kubectl(apply, JSON.stringify(home));
  await world.kubectl(apply, manifests);
  await world.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/sluice-operator', '--timeout=120s']);
  const objects = parseAllDocuments(manifests).flatMap((document) => (document.toJS() as Rendered | null) ?? []);
  const role = objects.find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'sluice-operator');
  return { user: `system:serviceaccount:${namespace}:sluice-operator`, namespace, rules: role?.rules ?? [] };
}

/** Takes it away again and brings the main operator back. */
export async function removeScoped(world: World): Promise<void> {
  await world.kubectl(['delete', 'namespace', `${world.namespace}-system`, '--wait=false', '--ignore-not-found']);
  await scaleMainOperator(world, 1);
}
