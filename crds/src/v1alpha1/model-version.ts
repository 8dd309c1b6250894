// ModelVersion: one immutable model with its lineage. Written by the operator, or by a person who imports a model.
import { z } from 'zod';
import { bundleFormats } from '../formats.ts';
import {
  conditionList,
  describe,
  digest,
  integer,
  metricListOfPeople,
  objectName,
  observedGeneration,
  shortName,
  testRowsInTraining,
  uid,
} from '../fragments.ts';
import type { Kind } from '../kind.ts';
import { bundleUri } from '../locations.ts';

const count = integer(0, Number.MAX_SAFE_INTEGER);

const bundleSchema = z
  .object({
    uri: bundleUri.meta(describe('pvc://<claim>/<modelName>/sha256-<hex>: where the bundle lies.')),
    digest: digest.meta(describe("The model's identity: sha256 of the bundle's canonical manifest.")),
    format: z.enum(bundleFormats).meta(describe('TFJSLayers: a TensorFlow.js layers model.')),
    bytes: count.optional().meta(describe('Size of the files; servers make room for so much on their nodes.')),
  })
  .meta(
    describe('The files of the model.', {
      rule: "self.uri.endsWith('/' + self.digest.replace(':', '-'))",
      message: 'bundle.uri must end with the digest of the bundle (sha256-<hex>)',
    }),
  );

const lineageSchema = z
  .object({
    trainingJob: z
      .object({ name: objectName.meta(describe('Its name.')), uid: uid.meta(describe('Its uid.')) })
      .optional()
      .meta(describe('The TrainingJob that made it; absent for an imported model.')),
    dataDigest: digest.optional().meta(describe('sha256 of the bytes it was trained on.')),
    dataRows: count.optional().meta(describe('Rows that were read.')),
    testRowsInTraining: testRowsInTraining.optional(),
    specDigest: digest.optional().meta(describe('sha256 of the part of the spec that can change a model.')),
    image: z.string().max(512).optional().meta(describe('Trainer image.')),
    accelerator: z.enum(['GPU', 'CPU']).optional().meta(describe('Where it trained.')),
    seed: count.optional().meta(describe('Seed.')),
    parent: objectName.optional().meta(describe('The newest version of the model when this one was made.')),
    trigger: z.enum(['Manual']).optional().meta(describe('What started the training.')),
  })
  .meta(describe('Where the model comes from.'));

/** The last number of a model; with it the name of every child still fits. */
export const highestNumber = 2_000_000_000;
/** The last number that a person may give: far more are left for training. */
const highestImported = 1_000_000;

export const modelVersionSpecSchema = z
  .object({
    modelName: shortName.meta(describe('The model it is a version of.')),
    number: integer(1, highestNumber).meta(describe('Counts up, and is used once, ever; the highest is the latest.')),
    bundle: bundleSchema,
    lineage: lineageSchema.prefault({}),
    metrics: metricListOfPeople.optional(),
  })
  .meta(
    describe(
      'The model. Immutable.',
      { rule: 'self == oldSelf', message: 'a ModelVersion is immutable: create the next number instead' },
      {
        rule: "self.bundle.uri.contains('/' + self.modelName + '/sha256-')",
        message: 'bundle.uri must lie below <modelName>/ of the claim: pvc://<claim>/<modelName>/sha256-<hex>',
      },
      {
        rule: `self.number <= ${highestImported} || has(self.lineage.trainingJob)`,
        message: `number of an imported model must be at most ${highestImported}: training counts on from the highest`,
        fieldPath: '.number',
      },
    ),
  );
export type ModelVersionSpec = z.output<typeof modelVersionSpecSchema>;

export const modelVersionStatusSchema = z
  .object({ observedGeneration, conditions: conditionList.optional() })
  .meta(describe('What is known of the model.'));
export type ModelVersionStatus = z.output<typeof modelVersionStatusSchema>;

export const modelVersion: Kind<typeof modelVersionSpecSchema, typeof modelVersionStatusSchema> = {
  kind: 'ModelVersion',
  plural: 'modelversions',
  singular: 'modelversion',
  shortNames: ['mver'],
  description: 'One immutable model with its lineage and measured quality.',
  spec: modelVersionSpecSchema,
  status: modelVersionStatusSchema,
  rules: [
    {
      rule: "self.metadata.name.startsWith(self.spec.modelName + '-') && self.metadata.name.substring(self.spec.modelName.size() + 1) == string(self.spec.number)",
      message: 'metadata.name must be <spec.modelName>-<spec.number>',
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'True when it can be served.',
    },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', description: 'Why.' },
    { name: 'Model', type: 'string', jsonPath: '.spec.modelName', description: 'Model it is a version of.' },
    {
      name: 'Accuracy',
      type: 'number',
      jsonPath: '.spec.metrics[?(@.name=="accuracy")].value',
      description: 'Accuracy on the test part.',
    },
    {
      name: 'MAE',
      type: 'number',
      jsonPath: '.spec.metrics[?(@.name=="mae")].value',
      description: 'Mean absolute error on the test part.',
    },
    {
      name: 'Job',
      type: 'string',
      jsonPath: '.spec.lineage.trainingJob.name',
      description: 'TrainingJob that made it.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since creation.' },
    {
      name: 'Digest',
      type: 'string',
      jsonPath: '.spec.bundle.digest',
      description: 'Identity of the model.',
      priority: 1,
    },
  ],
};
