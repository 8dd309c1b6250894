// An installation of Sluice by Helm for the namespace of a test, which is upgraded and rolled back while the test goes on.
// CRDs are the cluster's: while it is there they are those of its chart, and the operator of all namespaces is away.
import { join } from 'node:path';
import { installPath } from '../cluster/chart.ts';
import { runCommand } from '../cluster/run-command.ts';
import { scaleMainOperator } from './scoped-operator.ts';
import type { World } from './world.ts';

/** What is installed: a chart, and the tag of its images; the chart's own when absent. */
export type Chart = { readonly chart: string; readonly tag?: string };

const name = 'release';
const systemOf = (world: World) => `${world.namespace}-system`;

function helm(world: World, args: readonly string[]): Promise<string> {
  const { toolsPath, kubeconfigPath } = world.place;
  return runCommand([join(toolsPath, 'helm'), `--kubeconfig=${kubeconfigPath}`, '-n', systemOf(world), ...args]);
}

const holder = async (world: World): Promise<string> => {
  const lease = ['-n', systemOf(world), 'get', 'lease', 'sluice-operator', '--ignore-not-found'];
  return (await world.kubectl([...lease, '--output=jsonpath={.spec.holderIdentity}'])).split('_')[0] ?? '';
};

/** Does what changes the operator, and waits until another pod than before leads. */
async function untilAnotherLeads(world: World, change: () => Promise<unknown>): Promise<void> {
  const before = await holder(world);
  await change();
  await world.eventually({ what: 'another operator that leads', within: 180 }, async () => {
    const now = await holder(world);
    return now !== '' && now !== before ? true : undefined;
  });
}

const patience = ['--wait', '--timeout=180s', '--force-conflicts'];

/** `helm upgrade`, or `helm install` where nothing is there. */
export function upgrade(world: World, { chart, tag = '' }: Chart): Promise<void> {
  const values = `watchNamespace=${world.namespace},images.tag=${tag},flowSchema.enabled=false`;
  const install = ['upgrade', name, chart, '--install', '--take-ownership', '--set', values, ...patience];
  return untilAnotherLeads(world, () => helm(world, install));
}

/**
 * A right that the release before lacks where the cluster enforces owner reference permissions, as this one does: without
 * it that release makes no gateway.
 */
async function grantMissingRight(world: World): Promise<void> {
  const metadata = { name: 'missing-in-the-release-before', namespace: world.namespace };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const rules = [{ apiGroups: [''], resources: ['configmaps/finalizers'], verbs: ['update'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
  const subjects = [{ kind: 'ServiceAccount', name: 'sluice-operator', namespace: systemOf(world) }];
  const items = [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
  ];
  await world.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** Sends the main operator away and installs the release. */
export async function installRelease(world: World, chart: Chart): Promise<void> {
  await scaleMainOperator(world, 0);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemOf(world), labels } };
  await world.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(home));
  await grantMissingRight(world);
  await upgrade(world, chart);
}

/** `helm rollback` to the revision before. */
export const rollback = (world: World): Promise<void> =>
  untilAnotherLeads(world, () => helm(world, ['rollback', name, ...patience]));

/** Takes it away, and brings back the CRDs and the operator of this tree. */
export async function removeRelease(world: World): Promise<void> {
  await helm(world, ['uninstall', name, '--ignore-not-found', '--wait']);
  await world.kubectl(['delete', 'namespace', systemOf(world), '--wait=false', '--ignore-not-found']);
  await world.kubectl(['apply', '--server-side', '--force-conflicts', '-f', installPath]);
  await scaleMainOperator(world, 1);
}
