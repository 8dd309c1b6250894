// What the operator and the pods it creates agree on: names, paths, ports, exit codes, and the two documents a pod hands
// back (progress while it runs, a result when it ends). Neither side knows anything else about the other.
import { z } from 'zod';
import { bundleFormats } from './formats.ts';
import { metricSchema } from './fragments.ts';

/** Environment variables of the pods that copy, verify and serve a bundle. */
export const env = {
  /** `ModelVersion.spec.bundle.uri` of the bundle to copy or to verify. Server's init container and verifier. */
  bundleUri: 'SLUICE_BUNDLE_URI',
  /** `sha256:<hex>` that the bundle must have. Server, its init container, verifier. */
  bundleDigest: 'SLUICE_BUNDLE_DIGEST',
  /** Most bytes that the bundle's files may have (`ModelVersion.spec.bundle.bytes`), where they are known. Init container and verifier. */
  bundleBytes: 'SLUICE_BUNDLE_BYTES',
  /** Name under which the model is served: `/v2/models/<name>`. Server only. */
  modelName: 'SLUICE_MODEL_NAME',
  /** ModelVersion that is served; `model_version` in every answer. Server only. */
  modelVersion: 'SLUICE_MODEL_VERSION',
  /** Revision hash, a label of every server metric. Server only. */
  revision: 'SLUICE_REVISION',
  /** JSON of the resolved server settings (`serverSettingsSchema`). Server only. */
  serverSettings: 'SLUICE_SERVER_SETTINGS',
} as const;

/** Mount points. */
export const paths = {
  /** The data source, read-only: the claim, or the ConfigMap's directory. */
  data: '/mnt/data',
  /** The storage claim below `<modelName>/` (`subPath`): bundles in `sha256-<hex>/`, checkpoints in `checkpoints/<uid>/`. */
  storage: '/mnt/storage',
  /** Where the init container leaves the verified bundle (emptyDir), read-only for the server. */
  model: '/mnt/model',
  /** What a trainer or an evaluator is told: one JSON document, `orderFile`. */
  order: '/mnt/order',
  /** Scratch space (emptyDir): the root file system is read-only. */
  temporary: '/tmp',
  terminationLog: '/dev/termination-log',
} as const;

/** The order, in `paths.order`: `trainingOrderSchema` (training-order.ts) or `evaluationOrderSchema`. */
export const orderFile = 'order.json';

/** Ports inside the pods. */
export const ports = {
  /** Trainer: `GET /progress`. */
  progress: 9100,
  /** Server: Open Inference Protocol v2 over REST. */
  http: 8080,
  /** Server: Prometheus text on `/metrics`. */
  metrics: 8082,
} as const;

/** The user and group of our images, which every container of ours runs as where the cluster gives no other. */
export const nonRootId = 65532;

/**
 * Why an attempt failed. Budgets (`TrainingJob.spec.retry`) and remedies hang on the class, never on a message.
 * `Image`, `Deadline` and `Infrastructure` are mostly seen by the operator, the others are told by the trainer's exit code.
 */
export const failureClasses = [
  'UserCode',
  'Data',
  'NoAccelerator',
  'Diverged',
  'OutOfMemory',
  'Hang',
  'Infrastructure',
  'Image',
  'Deadline',
  'Internal',
] as const;
export type FailureClass = (typeof failureClasses)[number];

/** Exit codes of the trainer's supervisor. Any other non-zero code is `UserCode`; 137 and 143 are judged by the pod's reason. */
export const exitCodes = {
  complete: 0,
  UserCode: 1,
  Data: 10,
  NoAccelerator: 11,
  Diverged: 12,
  OutOfMemory: 13,
  Hang: 14,
  Infrastructure: 15,
  Internal: 16,
  /** SIGTERM arrived, a checkpoint was written, nothing failed. */
  drained: 20,
} as const;

/** Exit code of the server's init container when the bundle is missing or its bytes do not match the digest. */
export const bundleRejectedExitCode = 21;

/** What a trainer is doing; `Fitting` is the only stage whose steps are counted. */
export const stages = ['Starting', 'ReadingData', 'Fitting', 'Evaluating', 'Publishing'] as const;

/** Largest body the operator reads from `GET /progress`, in bytes. */
export const progressMaxBytes = 8192;

/** Largest result a pod may leave in its termination message; the kubelet cuts at 4096 bytes. */
export const resultMaxBytes = 4000;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Body of `GET /progress`: numbers only, so that nothing a pod says can become more than a number on the object. */
export const progressReportSchema = z.object({
  attempt: count,
  stage: z.enum(stages),
  step: count,
  totalSteps: count,
  epoch: count,
  totalEpochs: count,
  etaSeconds: count.optional(),
  /** Seconds since the step, or the stage, last advanced: the supervisor's view of a hang. */
  idleSeconds: z.number().min(0).max(1e9),
  metrics: z
    .array(
      z.object({
        name: z.enum(['loss', 'val_loss', 'accuracy', 'val_accuracy', 'mae', 'val_mae', 'learning_rate']),
        value: z.number(),
      }),
    )
    .max(16),
});
export type ProgressReport = z.output<typeof progressReportSchema>;

/** Where training ran: on the device that was asked for, or on the CPU because `gpu.fallback` allows it. */
export const accelerators = ['GPU', 'CPU'] as const;

/** The trainer's termination message: exactly one of `success` and `failure`. */
export const trainingResultSchema = z.object({
  success: z
    .object({
      bundle: z.object({
        digest,
        /** sha256 of the part of the spec that can change a model: what the trainer takes it to be. */
        specDigest: digest,
        /** Directory below the model's storage, e.g. `sha256-ab12…`. */
        directory: z.string().max(80),
        format: z.enum(bundleFormats),
        bytes: count,
      }),
      data: z.object({ digest, rows: count, bytes: count, testRowsInTraining: count.optional() }),
      metrics: z.array(metricSchema).max(16),
      accelerator: z.enum(accelerators),
    })
    .optional(),
  failure: z
    .object({
      class: z.enum(failureClasses),
      message: z.string().max(1024),
      /** Present when the data was read: lets the object say which bytes were refused. */
      data: z.object({ digest, rows: count, bytes: count }).optional(),
    })
    .optional(),
});
export type TrainingResult = z.output<typeof trainingResultSchema>;

/** The init container's termination message when it refuses a bundle. */
export const bundleRejectionSchema = z.object({
  reason: z.enum(['BundleMissing', 'BundleCorrupt', 'BundleUnsupported']),
  message: z.string().max(1024),
});
export type BundleRejection = z.output<typeof bundleRejectionSchema>;

/**
 * Status of an infer answer when the model's outputs are NaN or infinite. It is a 5xx, because the request failed, and one
 * that is assigned to nothing else: counters by status then tell a broken model from a broken server, also for a gateway
 * that knows neither. HTTP has clients treat a 5xx that they do not know as 500 (RFC 9110, section 15).
 */
export const nonFiniteStatus = 570;

/**
 * Header of an answer for which the model was asked: `true`. It is the one by which Envoy can count some answers of a cluster
 * apart, with their latencies; the gateway takes it off. An answer without it, such as a 400 or the model's metadata, says
 * nothing of the model.
 */
export const predictedHeader = 'x-envoy-upstream-canary';

/** Most rows that its body names. */
export const maxNonFiniteRows = 4096;

/** Its body: the protocol's error object, and the rows of the request to which no finite answer can be given. */
export const nonFiniteAnswerSchema = z.object({
  error: z.string(),
  /** From 0, rising; the first ones when there are more. */
  nonfinite_rows: z.array(count).max(maxNonFiniteRows),
});

/** The longest time that a request may be allowed to take, and therefore a drain; in seconds. */
export const longestRequestSeconds = 600;

/** Bounds of the largest request body that a server may be told to take, in bytes. */
export const leastRequestBytes = 1024;
export const largestRequestBytes = 64 * 1024 * 1024;

/** The most tensor elements that a server may be told to take. */
export const largestTensorElements = 16_777_216;

/** Limits of a request where nobody says others; an earlier release had no others. */
export const defaultLimits = { requestBytes: 8 * 1024 * 1024, tensorElements: 1_048_576 } as const;

/** Settings of the model server that are part of a revision (see `env.serverSettings`). */
export const serverSettingsSchema = z.object({
  /** Worker threads that run the model; each holds its own copy of the weights. */
  workers: z.number().int().min(1).max(16),
  /** Requests that may wait; beyond it the answer is 429 with Retry-After. */
  queueSize: z.number().int().min(1).max(10_000),
  /** Largest request body, in bytes. */
  maxRequestBytes: z.number().int().min(leastRequestBytes).max(largestRequestBytes),
  /** Largest number of tensor elements over all inputs of a request. */
  maxElements: z.number().int().min(1).max(largestTensorElements),
  /** A request that has waited or run for longer is answered with 503. */
  requestTimeoutSeconds: z.number().int().min(1).max(longestRequestSeconds),
  /** On SIGTERM: how long requests in flight may take to finish. */
  drainSeconds: z.number().int().min(1).max(longestRequestSeconds),
});
export type ServerSettings = z.output<typeof serverSettingsSchema>;
