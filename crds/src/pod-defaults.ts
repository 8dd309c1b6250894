// What an installation wants of every pod that Sluice makes: the chart's `podDefaults`, handed to the operator as JSON.
import { z } from 'zod';
import { integer, quantity } from './fragments.ts';
import { entriesMax, podMetadataSchema, problemOfKey } from './pods/pod-metadata.ts';
import { schedulingSchema } from './pods/scheduling.ts';

const resourcesSchema = z.strictObject({
  /** CPU limit of a container that names none, in percent of its request; no limit when absent. */
  cpuLimitPercent: integer(100, 10_000).optional(),
  /** Of each container that names none. */
  ephemeralStorage: z.strictObject({ request: quantity, limit: quantity }).optional(),
});

/** The apiserver asks the CEL rules of the same fields on objects; here nobody else would. */
export const podDefaultsSchema = z
  .strictObject({
    scheduling: schedulingSchema.strict().prefault({}),
    podMetadata: podMetadataSchema.strict().prefault({}),
    resources: resourcesSchema.prefault({}),
  })
  .superRefine(({ scheduling, podMetadata: { labels = {}, annotations = {} } }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const [field, map] of Object.entries({ labels, annotations })) {
      if (Object.keys(map).length > entriesMax) refuse(['podMetadata', field], `has more than ${entriesMax} entries`);
      for (const key of Object.keys(map)) {
        const problem = problemOfKey(key);
        if (problem !== undefined) refuse(['podMetadata', field, key], problem);
      }
    }
    for (const { key, operator, value, tolerationSeconds, effect } of scheduling.tolerations ?? []) {
      const isWhole = operator === 'Exists' ? value === undefined : key !== undefined;
      if (!isWhole) refuse(['scheduling', 'tolerations'], 'operator Exists takes no value; operator Equal needs key');
      if (tolerationSeconds !== undefined && effect !== 'NoExecute')
        refuse(['scheduling', 'tolerations'], 'tolerationSeconds needs effect NoExecute');
    }
  });
export type PodDefaults = z.output<typeof podDefaultsSchema>;

/** An installation that wants nothing. */
export const noPodDefaults: PodDefaults = { scheduling: {}, podMetadata: {}, resources: {} };
