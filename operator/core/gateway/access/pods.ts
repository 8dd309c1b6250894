// What the rules on access add to gateway pods: the Secrets as volumes, and what a pod tells of them when it asks for its
// listeners. Both stand in the pod's template, so that no pod says of itself what it has not.
import { z } from 'zod';
import type { ObservedPod } from '../../pods/observed.ts';
import { tlsSources } from '../envoy/tls/sources.ts';
import { type GatewayRules, type Mounted, type MountName, secretMounts } from './rules.ts';

/** Where gateway pods have a Secret, whatever it is called. */
const mountPath = (name: MountName) => `/etc/sluice/${name}`;

/** The field of Envoy's node metadata that says what is mounted where. */
const mountsField = 'sluice.mounts';

/** It becomes part of what only the pod that says it is told: plain paths, nothing that a script could take for its own. */
const directory = z
  .string()
  .max(256)
  .regex(/^(\/[A-Za-z0-9._-]+)+$/)
  .optional();

/** The part of Envoy's node metadata that is read. */
export const nodeMetadataSchema = z.object({
  [mountsField]: z.object({ keys: directory, jwks: directory, tls: directory }).optional(),
});

/** What a pod says that it has. */
export const mountedIn = (metadata: z.output<typeof nodeMetadataSchema> | undefined): Mounted =>
  metadata?.[mountsField] ?? {};

/** What a pod has by its spec; of directories nothing but that they are there. */
export const mountedBy = ({ spec }: Pick<ObservedPod, 'spec'>): Mounted =>
  Object.fromEntries((spec?.volumes ?? []).flatMap(({ name, secret }) => (secret ? [[name, name]] : [])));

/** An audit line is written so soon. */
const flushMs = 1000;

/** Arguments by which Envoy says what it has. */
export const mountArguments = (mounted: Mounted): string[] => [
  ...['--config-yaml', JSON.stringify({ node: { metadata: { [mountsField]: mounted } } })],
  ...['--file-flush-interval-msec', String(flushMs)],
];

/** What stands beside the bootstrap, by name of the file. */
export const bootstrapFiles = (rules: GatewayRules | undefined): Readonly<Record<string, string>> =>
  rules?.tls === undefined ? {} : tlsSources(mountPath('tls'));

/**
 * Additions to the pod and to Envoy's container; nothing where no Secret is needed.
 * @param bootstrapDirectory where `bootstrapFiles` are.
 */
export function accessParts(rules: GatewayRules | undefined, bootstrapDirectory: string) {
  const mounts = rules === undefined ? [] : secretMounts(rules);
  if (mounts.length === 0) return { volumes: [], volumeMounts: [], args: [] };
  return {
    volumes: mounts.map(({ name, secretName }) => ({ name, secret: { secretName } })),
    volumeMounts: mounts.map(({ name }) => ({ name, mountPath: mountPath(name), readOnly: true })),
    args: mountArguments(
      Object.fromEntries(mounts.map(({ name }) => [name, name === 'tls' ? bootstrapDirectory : mountPath(name)])),
    ),
  };
}
