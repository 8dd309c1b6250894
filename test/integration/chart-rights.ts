// Gives a control plane of the tests the operator's user with exactly the rights that the chart grants, and no more.
import { readFile } from 'node:fs/promises';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Resource } from '@sluice/operator/kube/objects.ts';
import { parseAllDocuments } from 'yaml';
import { installPath, systemNamespace } from '../cluster/chart.ts';
import { serviceAccount } from './logins.ts';

/** The chart's ServiceAccount: name it to the apiserver at its start, so that it may log in. */
export const chartOperator = serviceAccount(systemNamespace, 'sluice-operator');

type Role = KubeObject & { readonly rules: readonly object[] };

const rbacGroup = 'rbac.authorization.k8s.io';
const rbac = { group: rbacGroup, version: 'v1', namespaced: false } as const;
const clusterRoles: Resource = { ...rbac, plural: 'clusterroles', kind: 'ClusterRole' };
const clusterRoleBindings: Resource = { ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding' };
const apiVersion = `${rbacGroup}/v1`;

async function roleOf(kind: string, name: string): Promise<Role> {
  const objects = parseAllDocuments(await readFile(installPath, 'utf8')).map((document) => document.toJS() as Role);
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`install.yaml has no ${kind} ${name}: npm run render`);
  return found;
}

/** Every run has its leader in a namespace of its own, so the rights on the lease hold in all of them. */
export async function grantChartRights(client: KubeClient): Promise<void> {
  const roles = [await roleOf('ClusterRole', 'sluice-operator'), await roleOf('Role', 'sluice-leader')];
  const subjects = [{ apiGroup: rbacGroup, kind: 'User', name: chartOperator.name }];
  for (const { metadata, rules } of roles) {
    const { name } = metadata;
    const role = { apiVersion, kind: 'ClusterRole', metadata: { name }, rules };
    const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name };
    const binding = { apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects };
    await client.apply(clusterRoles, role);
    await client.apply(clusterRoleBindings, binding);
  }
}
