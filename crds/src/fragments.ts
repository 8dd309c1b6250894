// Schema fragments that several kinds share. A description here is what `kubectl explain` prints.
// Rules for everything in this folder (docs/adr/0006-schemas.md): no unions, no refine, no transform; every string, list
// and map bounded; cross-field rules are CEL with a message that names the field and the remedy.
import { z } from 'zod';
import type { NamedKind } from './schema/structural-schema.ts';

/**
 * A CEL rule over `self` (and `oldSelf`), and the message that names the field and the remedy. The apiserver blames the
 * value that the rule stands at, or the field below it that `fieldPath` names (`.a.b`).
 */
export type CelRule = {
  rule: string;
  message: string;
  fieldPath?: string;
  reason?: 'FieldValueInvalid' | 'FieldValueForbidden';
};

/** Schema metadata: a description, and the CEL rules that the apiserver enforces. */
export const describe = (description: string, ...validations: CelRule[]) =>
  validations.length === 0 ? { description } : { description, 'x-kubernetes-validations': validations };

/** Metadata of a list whose items have a key: server-side apply merges by it, and the key is unique. */
export const listMap = (description: string, keys: string[], ...validations: CelRule[]) => ({
  ...describe(description, ...validations),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

/** Metadata of a list that is replaced as a whole. */
export const atomicList = (description: string, ...validations: CelRule[]) => ({
  ...describe(description, ...validations),
  'x-kubernetes-list-type': 'atomic',
});

/**
 * The schema of a field of the spec that may never change. The field must always be there, required or by a default: a rule
 * that compares with the value of before is not asked when the value comes or goes.
 */
export function immutable<Schema extends z.ZodType>(field: string, schema: Schema, remedy: string): Schema {
  const { 'x-kubernetes-validations': rules = [], ...rest } = schema.meta() ?? {};
  const rule: CelRule = { rule: 'self == oldSelf', message: `spec.${field} is immutable: ${remedy}` };
  return schema.meta({ ...rest, 'x-kubernetes-validations': [...(rules as CelRule[]), rule] });
}

/** A rule that exactly one of several optional fields is set. */
export const exactlyOne = (fields: string[]): CelRule => ({
  rule: `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(set, set).size() == 1`,
  message: `set exactly one of ${fields.join(', ')}`,
});

/** Names that fit, with every suffix we add, into the 63 characters of a child's name. */
export const nameRule: CelRule = {
  rule: "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  message: 'metadata.name must be at most 40 characters, start with a letter and hold only a-z, 0-9 and -',
  fieldPath: '.metadata.name',
};

/** Patterns of the names that the apiserver accepts in pods; they may stand in a string of CEL, too. */
export const dnsSubdomain = '[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
export const qualifiedNamePart = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';

/** Name of an object of the same namespace. */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
/**
 * Name of an object of the same namespace that not everybody may use: what it gives to a pod, its user may not be able to
 * read. The chart's admission policies are made from this mark.
 */
export const nameOf = (kind: NamedKind) => objectName.meta({ 'x-sluice-names': kind });
export const shortName = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
export const digest = z
  .string()
  .max(71)
  .regex(/^sha256:[0-9a-f]{64}$/);
export const uid = z.string().max(64);
export const time = z.iso.datetime({ offset: true });
export const integer = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);
export const quantity = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/);
/** Memory of a container. 0 would mean no limit at all to Kubernetes, and a number without a unit is meant in bytes. */
export const memoryFrom = (least: '16Mi' | '64Mi') =>
  quantity.meta(
    describe('Memory request and limit.', {
      rule: `quantity(self).compareTo(quantity('${least}')) >= 0`,
      message: `memory must be at least ${least}: give it a unit, such as 512Mi or 2Gi`,
    }),
  );
export const memory = memoryFrom('16Mi');
/** CPU limit and ephemeral storage of a container, where a ResourceQuota wants them; both beside `cpu`. */
export const quotaFields = {
  cpuLimit: quantity.optional().meta(describe('CPU limit; none when absent, unless the chart has one for all pods.')),
  ephemeralStorage: quantity.optional().meta(
    describe('Ephemeral storage request and limit: temporary files, and a copy of the bundle in server pods.', {
      rule: "quantity(self).compareTo(quantity('16Mi')) >= 0",
      message: 'ephemeralStorage must be at least 16Mi: give it a unit, such as 512Mi or 2Gi',
    }),
  ),
};
export const cpuLimitRule: CelRule = {
  rule: '!has(self.cpuLimit) || quantity(self.cpuLimit).compareTo(quantity(self.cpu)) >= 0',
  message: 'cpuLimit must be at least cpu',
};
const token = z.string().max(64);

/** Names of the metrics that an evaluation reports. */
export const metricNames = [
  'accuracy',
  'balanced_accuracy',
  'baseline_accuracy',
  'precision_macro',
  'recall_macro',
  'f1_macro',
  'auroc',
  'log_loss',
  'calibration_error',
  'mae',
  'rmse',
  'r2',
  'baseline_mae',
] as const;

export const metricSchema = z
  .object({
    name: z.enum(metricNames).meta(describe('What was measured.')),
    split: z.enum(['test', 'validation']).meta(describe('The rows it was measured on; none of them was trained on.')),
    value: z.number().meta(describe('The estimate.')),
    lower: z.number().optional().meta(describe('Lower end of the 95 % confidence interval.')),
    upper: z.number().optional().meta(describe('Upper end of the 95 % confidence interval.')),
    noInterval: z.string().max(200).optional().meta(describe('Why there is no interval that would hold.')),
    n: integer(0, Number.MAX_SAFE_INTEGER).meta(describe('Number of rows behind the estimate.')),
  })
  .meta(describe('One quality of the model with its confidence interval, or why it has none.'));
export type Metric = z.output<typeof metricSchema>;

const metricListMeta = listMap(
  'Qualities of the model on rows it was not trained on, each with its interval or why it has none.',
  ['name', 'split'],
);
export const metricList = z.array(metricSchema).max(16).meta(metricListMeta);

/** The same where people write it, too. */
export const metricListOfPeople = z
  .array(
    metricSchema.meta(
      describe('One quality of the model with its confidence interval, or why it has none.', {
        rule: 'has(self.lower) == has(self.upper) && has(self.lower) != has(self.noInterval)',
        message: 'give lower and upper, or say in noInterval why there is no interval',
      }),
    ),
  )
  .max(16)
  .meta(metricListMeta);

/** What a test part shares with the training part: the model may know these rows by heart. */
export const testRowsInTraining = integer(0, Number.MAX_SAFE_INTEGER).meta(
  describe('Test rows that are equal, in all columns, to a row of the training part.'),
);

/** What was read: bytes pinned by digest. */
export const dataRecord = z
  .object({
    digest: digest.meta(describe('sha256 of the bytes that were read.')),
    rows: integer(0, Number.MAX_SAFE_INTEGER).meta(describe('Rows that were read.')),
    bytes: integer(0, Number.MAX_SAFE_INTEGER).meta(describe('Bytes that were read.')),
    testRowsInTraining: testRowsInTraining.optional(),
  })
  .meta(describe('The data that was read.'));

export const conditionSchema = z.object({
  type: z.string().min(1).max(64).meta(describe('What the condition says something about.')),
  status: z.enum(['True', 'False', 'Unknown']).meta(describe('Whether it holds.')),
  observedGeneration: integer(0, Number.MAX_SAFE_INTEGER).meta(describe('The generation of spec it was judged by.')),
  lastTransitionTime: time.meta(describe('When status last changed.')),
  reason: z
    .string()
    .min(1)
    .max(64)
    .meta(describe('One word for why; docs/reference/reasons.md has the remedy of each.')),
  message: z.string().max(200).meta(describe('Why, and what to do next.')),
});
export type Condition = z.output<typeof conditionSchema>;

export const conditionList = z
  .array(conditionSchema)
  .max(16)
  .meta(listMap('What is true of the object now. Ready is always there; Stalled is the only "failed".', ['type']));

/** -1 until the first reconcile, so that a fresh object is never read as current. */
export const observedGeneration = integer(-1, Number.MAX_SAFE_INTEGER)
  .default(-1)
  .meta(describe('The generation of spec that status speaks of; -1 before the first look.'));

export const retryToken = token
  .default('')
  .meta(describe('Any new value tries again what failed; a way to retry that git can carry.'));
