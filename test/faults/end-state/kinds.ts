// The kinds that the end state of a run consists of.
import type { Resource } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';

const {
  persistentVolumeClaims: _ofTheUser,
  httpRoutes: _notInstalled,
  outerGateways: _ofOthers,
  ...written
} = resources;

/** What the operator writes, and what controllers make of it. */
export const kindsOfEndState: readonly Resource[] = [
  ...Object.values(written),
  { group: 'apps', version: 'v1', plural: 'replicasets', kind: 'ReplicaSet', namespaced: true },
];

/** As the audit log and RBAC name a kind: `jobs.batch`, `pods`. */
export const auditName = ({ group, plural }: { readonly group: string; readonly plural: string }): string =>
  group === '' ? plural : `${plural}.${group}`;
