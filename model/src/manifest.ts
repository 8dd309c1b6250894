// The bundle's manifest: everything that makes a model what it is, in one canonical document whose hash is its identity.
// It holds no clock, uid or duration, so equal data, spec and seed give an equal digest.
import { z } from 'zod';

/** Tensor datatypes of the Open Inference Protocol that a signature may use. */
export const datatypes = ['FP32', 'FP64', 'INT64', 'BYTES'] as const;

/** One named tensor; `shape` starts with -1, the batch dimension. */
export const tensorSchema = z.object({
  name: z.string(),
  datatype: z.enum(datatypes),
  shape: z.array(z.number().int().min(-1)),
});
export type TensorSignature = z.output<typeof tensorSchema>;

/** A numeric column: missing values become `median`, then `(x - mean) / deviation`. One value wide. Input FP64 [n]. */
const numberFeatureSchema = z.object({
  type: z.literal('Number'),
  name: z.string(),
  column: z.string(),
  median: z.number(),
  mean: z.number(),
  deviation: z.number().positive(),
});

/** A text column, one-hot over `categories` plus one last place for unseen or missing values. Input BYTES [n]. */
const categoryFeatureSchema = z.object({
  type: z.literal('Category'),
  name: z.string(),
  column: z.string(),
  categories: z.array(z.string()).min(1),
});

/** Many numeric columns that form one tensor: `(x - mean) / deviation` with one mean and deviation for all. Input FP32 [n, ...shape]. */
const tensorFeatureSchema = z.object({
  type: z.literal('Tensor'),
  name: z.string(),
  columns: z.array(z.string()).min(1),
  /** Shape of one example, without the batch dimension; its product is the number of columns. */
  shape: z.array(z.number().int().positive()),
  mean: z.number(),
  deviation: z.number().positive(),
});

export const fittedFeatureSchema = z.discriminatedUnion('type', [
  numberFeatureSchema,
  categoryFeatureSchema,
  tensorFeatureSchema,
]);
export type FittedFeature = z.output<typeof fittedFeatureSchema>;

/** Classification: the classes in the order of the model's outputs. Regression: the model predicts `(y - mean) / deviation`. */
export const fittedTargetSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Classes'), column: z.string(), classes: z.array(z.string()).min(2) }),
  z.object({ type: z.literal('Value'), column: z.string(), mean: z.number(), deviation: z.number().positive() }),
]);
export type FittedTarget = z.output<typeof fittedTargetSchema>;

/** What a feature looked like in the training part: the reference that drift is measured against later. */
export const featureProfileSchema = z.object({
  name: z.string(),
  missing: z.number().int(),
  /** Deciles' inner edges (9 numbers, ascending) and the counts of the 10 bins they make. Number and Tensor features. */
  edges: z.array(z.number()).optional(),
  counts: z.array(z.number().int()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  /** The most frequent categories with their counts. Category features. */
  categories: z.array(z.object({ value: z.string(), count: z.number().int() })).optional(),
});
export type FeatureProfile = z.output<typeof featureProfileSchema>;

/** A measured quality with its interval; `method` names how the interval was made. */
export const bundleMetricSchema = z.object({
  name: z.string(),
  split: z.enum(['test', 'validation']),
  value: z.number(),
  lower: z.number(),
  upper: z.number(),
  n: z.number().int(),
  method: z.string(),
});
export type BundleMetric = z.output<typeof bundleMetricSchema>;

export const manifestSchema = z.object({
  schema: z.literal('sluice.dev/bundle/v1'),
  format: z.enum(['TFJSLayers']),
  task: z.enum(['Classification', 'Regression']),
  framework: z.object({ name: z.literal('TensorFlow.js'), version: z.string(), backend: z.string() }),
  seed: z.number().int(),
  /** sha256 of the canonical JSON of `TrainingJob.spec` without the fields that cannot change a model (deadlines, retry, suspend, …). */
  specDigest: z.string(),
  data: z.object({
    digest: z.string(),
    rows: z.object({ training: z.number().int(), validation: z.number().int(), test: z.number().int() }),
  }),
  /** Every file of the bundle but the manifest itself, sorted by path. */
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number().int() })),
  signature: z.object({ inputs: z.array(tensorSchema), outputs: z.array(tensorSchema) }),
  /** Shape of the network's one input for one example: `[width]` for MLP, linear and logistic, the tensor's shape for a CNN. */
  inputShape: z.array(z.number().int().positive()),
  features: z.array(fittedFeatureSchema).min(1),
  target: fittedTargetSchema,
  profile: z.object({ rows: z.number().int(), features: z.array(featureProfileSchema), target: featureProfileSchema }),
  metrics: z.array(bundleMetricSchema),
  /** Plain facts a person wants on a model card. */
  card: z.object({
    architecture: z.string(),
    parameters: z.number().int(),
    epochsRun: z.number().int(),
    bestEpoch: z.number().int(),
  }),
});
export type Manifest = z.output<typeof manifestSchema>;
