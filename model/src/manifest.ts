// The bundle's manifest: everything that makes a model what it is, in one canonical document whose hash is its identity.
// It holds no clock, uid or duration, so equal data, spec and seed give an equal digest. Unknown members are refused:
// one that was ignored could change how inputs are prepared without anyone noticing.

import { canonicalJson } from '@sluice/crds/canonical-json.ts';
import { bundleFormats } from '@sluice/crds/formats.ts';
import { metricNames } from '@sluice/crds/fragments.ts';
import { z } from 'zod';
import { fileError } from './bundle-error.ts';
import { digestOf } from './digest.ts';

/** The manifest's own file. */
export const manifestFile = 'manifest.json';

/** Times, uids and durations of the run that made a bundle: lies beside its files and is no part of its identity. */
export const runFile = 'run.json';

/** Largest manifest that is read, in bytes. */
export const manifestMaxBytes = 16 * 1024 * 1024;

/** A plain name in the bundle's directory: no separator, no leading dot, so that it can point nowhere else. */
export const fileNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Tensor datatypes of the Open Inference Protocol that a signature may use. */
export const datatypes = ['FP32', 'FP64', 'INT64', 'BYTES'] as const;

/** One named tensor; `shape` starts with -1, the batch dimension. */
export const tensorSchema = z.strictObject({
  name: z.string(),
  datatype: z.enum(datatypes),
  shape: z.array(z.number().int().min(-1)),
});
export type TensorSignature = z.output<typeof tensorSchema>;

/** A numeric column: missing values become `median`, then `(x - mean) / deviation`. One value wide. Input FP64 [n]. */
const numberFeatureSchema = z.strictObject({
  type: z.literal('Number'),
  name: z.string(),
  column: z.string(),
  median: z.number(),
  mean: z.number(),
  deviation: z.number().positive(),
});

/** A text column, one-hot over `categories` plus one last place for unseen or missing values. Input BYTES [n]. */
const categoryFeatureSchema = z.strictObject({
  type: z.literal('Category'),
  name: z.string(),
  column: z.string(),
  categories: z.array(z.string()).min(1),
});

/** Many numeric columns that form one tensor: `(x - mean) / deviation` with one mean and deviation for all, missing values as the mean. Input FP32 [n, ...shape]. */
const tensorFeatureSchema = z.strictObject({
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
  z.strictObject({ type: z.literal('Classes'), column: z.string(), classes: z.array(z.string()).min(2) }),
  z.strictObject({ type: z.literal('Value'), column: z.string(), mean: z.number(), deviation: z.number().positive() }),
]);
export type FittedTarget = z.output<typeof fittedTargetSchema>;

/** What a feature looked like in the training part: the reference that drift is measured against later. */
export const featureProfileSchema = z.strictObject({
  name: z.string(),
  missing: z.number().int(),
  /** Deciles' inner edges (9 numbers, ascending) and the counts of the 10 bins they make. Number and Tensor features. */
  edges: z.array(z.number()).optional(),
  counts: z.array(z.number().int()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  /** The most frequent categories with their counts. Category features. */
  categories: z.array(z.strictObject({ value: z.string(), count: z.number().int() })).optional(),
});
export type FeatureProfile = z.output<typeof featureProfileSchema>;

/** A measured quality with its interval or why it has none; `method` names how the interval was made, `none` if it was not. */
export const bundleMetricSchema = z.strictObject({
  name: z.enum(metricNames),
  split: z.enum(['test', 'validation']),
  value: z.number(),
  lower: z.number().optional(),
  upper: z.number().optional(),
  noInterval: z.string().max(200).optional(),
  n: z.number().int(),
  method: z.string(),
});
export type BundleMetric = z.output<typeof bundleMetricSchema>;

export const manifestSchema = z.strictObject({
  schema: z.literal('sluice.dev/bundle/v1'),
  format: z.enum(bundleFormats),
  task: z.enum(['Classification', 'Regression']),
  framework: z.strictObject({ name: z.literal('TensorFlow.js'), version: z.string(), backend: z.string() }),
  seed: z.number().int(),
  /** sha256 of the canonical JSON of `TrainingJob.spec` without the fields that cannot change a model (deadlines, retry, suspend, …). */
  specDigest: z.string(),
  data: z.strictObject({
    digest: z.string(),
    rows: z.strictObject({ training: z.number().int(), validation: z.number().int(), test: z.number().int() }),
    /** The rule by which the rows were parted (`splitVersion`). Absent: 1. */
    splitVersion: z.number().int().optional(),
    /** Rows of the test part that are equal to a row of the training part. Absent: nobody counted. */
    testRowsInTraining: z.number().int().min(0).optional(),
  }),
  /** Every file of the bundle but the manifest itself, sorted by path. */
  files: z.array(
    z.strictObject({
      path: z.string().regex(fileNamePattern),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      bytes: z.number().int().min(0),
    }),
  ),
  signature: z.strictObject({ inputs: z.array(tensorSchema), outputs: z.array(tensorSchema) }),
  /** Shape of the network's one input for one example: `[width]` for MLP, linear and logistic, the tensor's shape for a CNN. */
  inputShape: z.array(z.number().int().positive()),
  features: z.array(fittedFeatureSchema).min(1),
  target: fittedTargetSchema,
  profile: z.strictObject({
    rows: z.number().int(),
    features: z.array(featureProfileSchema),
    target: featureProfileSchema,
  }),
  metrics: z.array(bundleMetricSchema),
  /** Plain facts a person wants on a model card. */
  card: z.strictObject({
    architecture: z.string(),
    parameters: z.number().int(),
    epochsRun: z.number().int(),
    bestEpoch: z.number().int(),
  }),
});
export type Manifest = z.output<typeof manifestSchema>;

/** What its maker says about a bundle; the list of files is added when it is written. */
export type ManifestContent = Omit<Manifest, 'files'>;

/** The bundle's identity, `sha256:<hex>`. */
export function manifestDigest(manifest: Manifest): string {
  return digestOf(manifest);
}

/** Name of a bundle's directory below the model's storage, `sha256-<hex>`. */
export function bundleDirectory(digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error(`${digest} is not a digest of the form sha256:<64 hex digits>`);
  return digest.replace(':', '-');
}

/**
 * Reads a manifest. Throws BundleError: BundleCorrupt when it is not canonical JSON, BundleUnsupported when it is too
 * large or not a manifest that this version understands.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > manifestMaxBytes) {
    throw fileError('BundleUnsupported', manifestFile, `has ${bytes.length} bytes, more than ${manifestMaxBytes}`);
  }
  const value = parseCanonicalJson(bytes);
  const result = manifestSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    const problem = `is not understood at ${issue?.path.join('.') || 'its root'}: ${issue?.message ?? 'unknown'}; use the Sluice version that wrote it`;
    throw fileError('BundleUnsupported', manifestFile, problem, result.error);
  }
  refuseUnsortedFiles(result.data);
  return result.data;
}

function parseCanonicalJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (canonicalJson(value) === text) return value;
  } catch (cause) {
    throw fileError('BundleCorrupt', manifestFile, 'is not JSON', cause);
  }
  throw fileError('BundleCorrupt', manifestFile, 'is not canonical JSON; write it with `canonicalJson`');
}

/** Sorted and without repetition, so that one set of files has one manifest. */
function refuseUnsortedFiles({ files }: Manifest): void {
  const reserved = [manifestFile, runFile];
  for (const [index, { path }] of files.entries()) {
    if (!reserved.includes(path) && (index === 0 || (files[index - 1]?.path ?? '') < path)) continue;
    throw fileError('BundleUnsupported', path, 'is listed twice, out of order, or under a reserved name');
  }
}
