// Labels and annotations that a team wants on what Sluice makes. Ours, and those by which Kubernetes itself keeps its
// books or lowers the protection of a pod, cannot be set.
import { z } from 'zod';
import { describe } from '../fragments.ts';

/** `[<dns prefix>/]<name>`, the name of at most 63 characters. */
const keyPattern =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const prefixMax = 253;

/** Prefixes of keys that are not the user's: Sluice's, those that controllers write, those that unprotect a pod. */
const reservedPrefixes = [
  '([-a-z0-9.]*[.])?sluice[.]dev',
  'kube-runtime',
  '(batch|deployment|service|endpointslice)[.]kubernetes[.]io',
  '(container[.])?(apparmor[.]security[.]beta|seccomp[.]security[.]alpha)[.]kubernetes[.]io',
];
const reservedKeys = [
  'app[.]kubernetes[.]io/(managed-by|component)',
  'kubectl[.]kubernetes[.]io/last-applied-configuration',
  'job-name|controller-uid|pod-template-hash',
];
const reservedPattern = `^(${reservedPrefixes.join('|')})/|^(${reservedKeys.join('|')})$`;

export const keysRule = {
  rule: `self.all(key, key.size() <= ${prefixMax + 64} && key.indexOf('/') <= ${prefixMax} && key.matches('${keyPattern}'))`,
  message: 'a key must be [<dns prefix>/]<name>, the name of at most 63 letters, digits, -, _ and .',
};
export const reservedRule = {
  rule: `!self.exists(key, key.size() <= ${prefixMax + 64} && key.matches('${reservedPattern}'))`,
  message:
    "remove the key: sluice.dev/*, app.kubernetes.io/managed-by and component are Sluice's, those of Job, Deployment, Service, AppArmor and seccomp Kubernetes' own",
};

/** What the CEL rules of both maps say of a key, for maps that no apiserver has seen. @returns undefined for a good one. */
export function problemOfKey(key: string): string | undefined {
  const isKey = key.indexOf('/') <= prefixMax && new RegExp(keyPattern).test(key);
  if (!isKey) return keysRule.message;
  return new RegExp(reservedPattern).test(key) ? reservedRule.message : undefined;
}

const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/);
/** Sixteen of them, in four bytes a character, leave half of what Kubernetes allows for those of others. */
export const valueMax = 2048;
const annotationValue = z.string().max(valueMax);
export const entriesMax = 16;

/** Labels and annotations of what is made for one object. */
export const podMetadataSchema = z
  .object({
    labels: z
      .record(z.string(), labelValue)
      .optional()
      .meta({
        ...describe('Labels of the pods, and of every other object that is made for them.', keysRule, reservedRule),
        maxProperties: entriesMax,
      }),
    annotations: z
      .record(z.string(), annotationValue)
      .optional()
      .meta({
        ...describe('Annotations of the pods, and of the Jobs and Deployments that make them.', keysRule, reservedRule),
        maxProperties: entriesMax,
      }),
  })
  .meta(describe('Labels and annotations of what Sluice makes for this object.'));
export type PodMetadata = z.output<typeof podMetadataSchema>;
