// TrainingJob: turns pinned data into an immutable ModelVersion.
import { z } from 'zod';
import { accelerators, failureClasses, stages } from '../contract.ts';
import { datasetSchema } from '../dataset.ts';
import { bundleFormats } from '../formats.ts';
import {
  conditionList,
  cpuLimitRule,
  dataRecord,
  describe,
  digest,
  dnsSubdomain,
  immutable,
  integer,
  memory,
  metricList,
  nameRule,
  objectName,
  observedGeneration,
  qualifiedNamePart,
  quantity,
  quotaFields,
  retryToken,
  shortName,
  time,
} from '../fragments.ts';
import type { Kind } from '../kind.ts';
import { bundleUri, storageSchema } from '../locations.ts';
import { podMetadataSchema } from '../pods/pod-metadata.ts';
import { schedulingSchema } from '../pods/scheduling.ts';
import { builtinSchema } from './builtin-trainer.ts';

const newJob = 'create a new TrainingJob instead';

const gpuSchema = z
  .object({
    count: integer(1, 8).default(1).meta(describe('Devices to ask for.')),
    resourceName: z
      .string()
      .max(244)
      .regex(new RegExp(`^${dnsSubdomain}/${qualifiedNamePart}$`))
      .default('nvidia.com/gpu')
      .meta(
        describe('Extended resource that the nodes advertise, e.g. nvidia.com/gpu.', {
          rule: "!self.startsWith('requests.')",
          message: 'gpu.resourceName is the name that nodes advertise, without requests.',
        }),
      ),
    fallback: z
      .enum(['Forbid', 'Allow'])
      .default('Forbid')
      .meta(
        describe(
          'When no device works in the pod. Forbid: fail with class NoAccelerator. Allow: train on the CPU and say so.',
        ),
      ),
  })
  .meta(describe('Accelerators; none when absent.'));

const resourcesSchema = z
  .object({
    cpu: quantity.default('1').meta(describe('CPU request.')),
    memory: memory.default('1Gi'),
    ...quotaFields,
    gpu: gpuSchema.optional(),
  })
  .prefault({})
  .meta(describe('What the training pod asks for.', cpuLimitRule));

const checkpointSchema = z
  .object({
    everySeconds: integer(1, 86_400).default(60).meta(describe('Time between checkpoints.')),
    keep: integer(1, 10).default(3).meta(describe('Newest checkpoints that are kept.')),
  })
  .prefault({})
  .meta(describe('What a restarted attempt goes on from.'));

const budget = (initial: number, what: string) => integer(0, 100).default(initial).meta(describe(what));

const retrySchema = z
  .object({
    userCode: budget(0, 'Retries after class UserCode.'),
    outOfMemory: budget(1, 'Retries after class OutOfMemory.'),
    infrastructure: budget(6, 'Retries after class Infrastructure: eviction, lost node, storage errors.'),
    hang: budget(2, 'Retries after class Hang.'),
  })
  .prefault({})
  .meta(
    describe('How often each class of failure is tried again, with growing pauses. Other classes are not retried.'),
  );

const deadlinesSchema = z
  .object({
    pendingSeconds: integer(1, 604_800)
      .default(1800)
      .meta(describe('How long a pod may wait to start, and input errors may wait to heal.')),
    progressSeconds: integer(5, 86_400)
      .default(600)
      .meta(describe('Longest time without a step before the attempt counts as hung.')),
    activeSeconds: integer(1, 31_536_000).default(86_400).meta(describe('Longest time all attempts together may run.')),
  })
  .prefault({})
  .meta(describe('When waiting ends.'));

/** A field that the job keeps from its beginning. */
const fixed = <Schema extends z.ZodType>(field: string, schema: Schema) => immutable(field, schema, newJob);

export const trainingJobSpecSchema = z
  .object({
    modelName: fixed('modelName', shortName.meta(describe('Its ModelVersions are <modelName>-1, <modelName>-2, …'))),
    data: fixed('data', datasetSchema),
    trainer: fixed('trainer', z.object({ builtin: builtinSchema }).meta(describe('What trains.'))),
    resources: fixed('resources', resourcesSchema),
    scheduling: fixed('scheduling', schedulingSchema.prefault({})),
    seed: fixed('seed', integer(0, 2_147_483_647).default(0).meta(describe('Seed of initial weights and shuffling.'))),
    checkpoint: fixed('checkpoint', checkpointSchema),
    retry: fixed('retry', retrySchema),
    deadlines: deadlinesSchema,
    storage: fixed('storage', storageSchema),
    retention: z
      .object({
        podsSeconds: integer(0, 31_536_000)
          .default(86_400)
          .meta(describe('How long finished pods and Jobs are kept for their logs.')),
      })
      .prefault({})
      .meta(describe('What is cleaned up, and when. The TrainingJob itself is never deleted by us.')),
    podMetadata: podMetadataSchema.optional(),
    suspend: z.boolean().default(false).meta(describe('true: write a checkpoint, free the pod, wait.')),
    retryToken,
  })
  .meta(
    describe(
      'What is wanted. Immutable except suspend, deadlines, retention, podMetadata and retryToken.',
      {
        rule: "self.trainer.builtin.architecture.type != 'CNN' || (has(self.data.features) && self.data.features.size() == 1 && self.data.features[0].type == 'Tensor' && has(self.data.features[0].shape) && self.data.features[0].shape.size() == 3)",
        message:
          'architecture.type CNN needs exactly one feature of type Tensor with shape [height, width, channels] in data.features',
      },
      {
        rule: '!has(self.trainer.builtin.earlyStopping) || self.data.split.validationPercent > 0',
        message: 'earlyStopping needs data.split.validationPercent above 0',
      },
      {
        rule: '!has(self.data.features) || self.data.features.all(feature, (has(feature.column) ? feature.column : feature.name) != self.data.target)',
        message: 'data.target must not be one of data.features: the model would read its own answer',
      },
    ),
  );
export type TrainingJobSpec = z.output<typeof trainingJobSpecSchema>;

const count = integer(0, Number.MAX_SAFE_INTEGER);

const failureSchema = z
  .object({
    class: z.enum(failureClasses).meta(describe('What kind of failure; budgets and remedies hang on it.')),
    exitCode: integer(0, 255).optional().meta(describe('Exit code of the container, if it ran.')),
    message: z
      .string()
      .max(1024)
      .meta(describe('What happened, with the last lines; the remedy is in the conditions.')),
    pod: z.string().max(253).optional().meta(describe('The pod that failed.')),
    attempt: count.meta(describe('The attempt that failed.')),
    time: time.meta(describe('When it was seen.')),
    retryable: z.boolean().meta(describe('Whether another attempt follows.')),
  })
  .meta(describe('The last failure.'));
export type Failure = z.output<typeof failureSchema>;

const publishedSchema = z
  .object({
    uri: bundleUri.meta(describe('pvc://<claim>/<modelName>/sha256-<hex>: where the bundle lies.')),
    digest: digest.meta(describe("The model's identity: sha256 of the bundle's canonical manifest.")),
    specDigest: digest.meta(describe('sha256 of the part of the spec that can change a model.')),
    format: z.enum(bundleFormats).meta(describe('What the files are.')),
    bytes: count.meta(describe('Size of the files.')),
    image: z.string().max(512).meta(describe('Trainer image that made it.')),
  })
  .meta(describe('The bundle that the successful attempt wrote; its ModelVersion is made from it.'));

const progressSchema = z
  .object({
    stage: z.enum(stages).meta(describe('What the trainer is doing.')),
    step: count.meta(describe('Steps done.')),
    totalSteps: count.meta(describe('Steps of all epochs.')),
    epoch: count.meta(describe('Epochs done.')),
    totalEpochs: count.meta(describe('Epochs at most.')),
    percent: integer(0, 100).meta(describe('Steps done in percent.')),
    etaSeconds: count.optional().meta(describe('Estimated seconds to the end of fitting.')),
    loss: z.number().optional().meta(describe('Loss on the training part in the last epoch.')),
    validationLoss: z.number().optional().meta(describe('Loss on the validation part after the last epoch.')),
    reportedAt: time.meta(describe('When the pod said so; an old time means that the pod cannot be reached.')),
  })
  .meta(describe('How far the running attempt is.'));

export const trainingJobStatusSchema = z
  .object({
    observedGeneration,
    attempt: count.optional().meta(describe('Number of the current attempt, from 1; its Job is <name>-<attempt>.')),
    attemptStartedAt: time.optional().meta(describe('When the current attempt was decided.')),
    startedAt: time.optional().meta(describe('When the first pod of the current try ran.')),
    completedAt: time.optional().meta(describe('When the job became Complete or Failed.')),
    activeSeconds: count
      .optional()
      .meta(describe('Seconds that finished attempts ran; deadlines.activeSeconds counts them.')),
    retries: z
      .object({
        userCode: count.optional().meta(describe('Retries spent on class UserCode.')),
        outOfMemory: count.optional().meta(describe('Retries spent on class OutOfMemory.')),
        infrastructure: count.optional().meta(describe('Retries spent on class Infrastructure.')),
        hang: count.optional().meta(describe('Retries spent on class Hang.')),
        input: count
          .optional()
          .meta(describe('Looks at input that was wrong; not limited by count but by deadlines.pendingSeconds.')),
      })
      .optional()
      .meta(describe('Retries spent by class.')),
    nextAttemptAt: time.optional().meta(describe('When the next attempt starts.')),
    inputErrorSince: time.optional().meta(describe('Since when the input is wrong.')),
    retryToken: z.string().max(64).optional().meta(describe('The value of spec.retryToken that was last acted on.')),
    progress: progressSchema.optional(),
    accelerator: z.enum(accelerators).optional().meta(describe('Where it trained: GPU, or CPU.')),
    metrics: metricList.optional(),
    data: dataRecord.optional(),
    bundle: publishedSchema.optional(),
    modelVersion: objectName.optional().meta(describe('The ModelVersion this job makes.')),
    failure: failureSchema.optional(),
    conditions: conditionList.optional(),
  })
  .meta(describe('What is.'));
export type TrainingJobStatus = z.output<typeof trainingJobStatusSchema>;

export const trainingJob: Kind<typeof trainingJobSpecSchema, typeof trainingJobStatusSchema> = {
  kind: 'TrainingJob',
  plural: 'trainingjobs',
  singular: 'trainingjob',
  shortNames: ['tj'],
  description: 'Turns pinned data into an immutable ModelVersion.',
  spec: trainingJobSpecSchema,
  status: trainingJobStatusSchema,
  rules: [nameRule],
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'True when the model is there.',
    },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', description: 'Why.' },
    { name: 'Done%', type: 'integer', jsonPath: '.status.progress.percent', description: 'Steps done in percent.' },
    {
      name: 'ETA-s',
      type: 'integer',
      jsonPath: '.status.progress.etaSeconds',
      description: 'Seconds to the end of fitting.',
    },
    { name: 'Attempt', type: 'integer', jsonPath: '.status.attempt', description: 'Current attempt.' },
    { name: 'Version', type: 'string', jsonPath: '.status.modelVersion', description: 'ModelVersion made.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since creation.' },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'What to do next.',
      priority: 1,
    },
  ],
};
