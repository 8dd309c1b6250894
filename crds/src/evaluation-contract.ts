// What the operator and the evaluator's pod agree on: the order it is given, and the counts it hands back. The evaluator
// counts and never judges; thresholds, intervals and verdicts are the operator's.
import { z } from 'zod';
import { failureClasses } from './contract.ts';
import { datasetSchema } from './dataset.ts';
import { dataRecord, integer, shortName } from './fragments.ts';

const count = integer(0, Number.MAX_SAFE_INTEGER);
const url = z.url({ protocol: /^https?$/ }).max(512);

/** The evaluator's order, in the file `orderFile`: which rows to send where. */
export const evaluationOrderSchema = z.object({
  /** The holdout. All of its rows are used: what it is parted into for training has no meaning here. */
  dataset: datasetSchema.omit({ split: true }),
  /** What the models are for; told by their outputs (`label` or `value`) when absent. */
  task: z.enum(['Classification', 'Regression']).optional(),
  /** Name under which both revisions serve: `/v2/models/<modelName>`. */
  modelName: shortName,
  /** Base URLs; the paths of the Open Inference Protocol are appended. Without `live` there is nothing to compare with. */
  endpoints: z.object({ candidate: url, live: url.optional() }),
  /** Most requests per second to each endpoint, retries included. */
  requestsPerSecond: z.number().min(0.1).max(10_000),
  /** Rows in a request. */
  batchRows: integer(1, 4096),
  /** The evaluation fails with class Deadline when it takes longer than this. */
  deadlineSeconds: integer(1, 86_400),
});
export type EvaluationOrder = z.output<typeof evaluationOrderSchema>;

/** A sum over the n rows, and the sum of squares that the interval of its mean needs. */
const sums = z.object({ sum: z.number(), sumOfSquares: z.number().min(0) });
/** Sums of |e| (for MAE) and of e² (for RMSE), where e = answer - target. */
const errorSums = z.object({ absolute: sums, squared: sums });
export type ErrorSums = z.output<typeof errorSums>;

/** How the n counted rows went. */
const outcomeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Classes'), right: count, wrong: count }),
  z.object({
    type: z.literal('PairedClasses'),
    bothRight: count,
    candidateOnly: count,
    liveOnly: count,
    bothWrong: count,
  }),
  z.object({ type: z.literal('Values'), candidate: errorSums }),
  z.object({
    type: z.literal('PairedValues'),
    candidate: errorSums,
    live: errorSums,
    /** Of |e| candidate - |e| live, and of e² candidate - e² live, row by row. */
    difference: errorSums,
  }),
]);
export type EvaluationOutcome = z.output<typeof outcomeSchema>;

/** What went wrong with one side's answers. Rows that a side did not answer are in no count of the outcome. */
const sideSchema = z.object({
  /** Requests that got no usable answer: a status other than 200, a time-out, or a body that is not the protocol's. */
  failedRequests: count,
  /** Rows of those requests. */
  failedRows: count,
  /**
   * Rows whose answer is null, no finite number, or beyond 1e75 from the target. For classes it is a wrong answer; for
   * values it has no error, and the row is in the sums of neither side.
   */
  nonFinite: count,
  /** Why the first request failed. */
  firstFailure: z.string().max(200).optional(),
});
export type EvaluationSide = z.output<typeof sideSchema>;

/** The evaluator's termination message: exactly one of `success` and `failure`. */
export const evaluationResultSchema = z.object({
  success: z
    .object({
      data: dataRecord,
      /** Rows in the outcome: those that every side answered, for values with finite numbers. */
      n: count,
      outcome: outcomeSchema,
      candidate: sideSchema,
      /** Present when the order names a live revision. */
      live: sideSchema.optional(),
    })
    .optional(),
  failure: z.object({ class: z.enum(failureClasses), message: z.string().max(200) }).optional(),
});
export type EvaluationResult = z.output<typeof evaluationResultSchema>;
export type EvaluationCounts = NonNullable<EvaluationResult['success']>;
