// Where pods may run: a typed allow-list of pod fields, none of which can make a privileged pod.
import { z } from 'zod';
import { atomicList, describe, dnsSubdomain, integer, nameOf, objectName, qualifiedNamePart } from '../fragments.ts';

/** A label or taint key: `[<dns prefix>/]<name>`, the name of at most 63 characters; so the apiserver checks pods. */
const qualifiedName = `(${dnsSubdomain}/)?${qualifiedNamePart}`;
const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/);

const toleration = z
  .object({
    key: z
      .string()
      .min(1)
      .max(253)
      .regex(new RegExp(`^${qualifiedName}$`))
      .optional()
      .meta(describe('Taint key; every taint when absent, which needs operator Exists.')),
    operator: z.enum(['Exists', 'Equal']).default('Equal').meta(describe('How key and value are compared.')),
    value: labelValue.optional().meta(describe('Taint value, with operator Equal.')),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .optional()
      .meta(describe('Taint effect; every effect when absent.')),
    tolerationSeconds: integer(0, 86_400).optional().meta(describe('How long a NoExecute taint is tolerated.')),
  })
  .meta(
    describe(
      'A taint that the pods tolerate.',
      {
        rule: "self.operator == 'Exists' ? !has(self.value) : has(self.key)",
        message: 'a toleration with operator Exists takes no value; operator Equal needs key',
      },
      {
        rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
        message: 'tolerationSeconds needs effect NoExecute',
      },
    ),
  );

/** Placement of the pods of a job or a deployment. */
export const schedulingSchema = z
  .object({
    nodeSelector: z
      .record(z.string(), labelValue)
      .optional()
      .meta({
        ...describe('Labels a node must have.', {
          rule: `self.all(key, key.size() <= 253 && key.matches('^${qualifiedName}$'))`,
          message:
            'a key of nodeSelector must be a label key: [<dns prefix>/]<name>, the name of at most 63 characters',
        }),
        maxProperties: 16,
      }),
    tolerations: z.array(toleration).max(16).optional().meta(atomicList('Taints that the pods tolerate.')),
    priorityClassName: objectName.optional().meta(describe('PriorityClass of the pods.')),
    runtimeClassName: objectName.optional().meta(describe('RuntimeClass of the pods, e.g. nvidia.')),
    imagePullSecrets: z
      .array(nameOf('Secret'))
      .max(8)
      .optional()
      .meta({ ...describe('Names of the pull secrets of this namespace.'), 'x-kubernetes-list-type': 'set' }),
    serviceAccountName: nameOf('ServiceAccount')
      .optional()
      .meta(describe('ServiceAccount of the pods; its token is never mounted. "default" when absent.')),
  })
  .meta(describe('Where the pods may run.'));
export type Scheduling = z.output<typeof schedulingSchema>;
