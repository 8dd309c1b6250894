// What is kept of a rollout in status: where it stands, what the gates said, what was rejected, and the evidence so far.
// A status stays below 64 KiB: every list is bounded, and histograms are short texts.
import { z } from 'zod';
import { atomicList, describe, digest, integer, listMap, objectName, shortName, time, uid } from '../fragments.ts';

export const revisionHash = z
  .string()
  .max(16)
  .regex(/^[0-9a-f]+$/);

export const revisionRecord = z.object({
  revision: revisionHash.meta(
    describe('Hash of bundle digest and server settings; names the Deployment and the Service.'),
  ),
  version: objectName.meta(describe('The ModelVersion.')),
  digest: digest.meta(describe('Digest of its bundle.')),
});
export type RevisionRecord = z.output<typeof revisionRecord>;

const count = integer(0, Number.MAX_SAFE_INTEGER);
const token = z.string().max(64);

const clock = z.object({
  usedSeconds: z.number().min(0).max(1_000_000_000).meta(describe('Used up to since, or in all.')),
  since: time.optional().meta(describe('From when on it runs; absent while it stands still.')),
});

/** How often a stand-in is counted: more makes no wait longer. */
export const maxStandIns = 1000;

const standInSchema = z
  .object({
    since: time
      .optional()
      .meta(
        describe('Since when the candidate shall have all requests in place of the live revision; absent while not.'),
      ),
    stepPercent: integer(0, 100)
      .optional()
      .meta(describe('Share that its step gives it: what it keeps when the live revision is back.')),
    clock: clock.meta(
      describe(
        'For how long nothing of the live revision can answer; while the candidate stands in, for how long it can answer again.',
      ),
    ),
    times: integer(0, maxStandIns).meta(describe('How often the candidate has stood in.')),
  })
  .meta(describe('The live revision is down, or was down in this rollout.'));

export const rolloutStatusSchema = z
  .object({
    revision: revisionHash.meta(describe('The candidate.')),
    baseline: revisionHash.optional().meta(describe('The live revision that it is compared with.')),
    since: time
      .optional()
      .meta(describe('When the trial began. A container whose last end came before is in no crash loop.')),
    phase: z
      .enum(['WarmingUp', 'Evaluating', 'Stepping', 'Baking'])
      .meta(describe('Pods start; evaluation gates; steps; all requests, with the old revision kept warm.')),
    step: shortName.optional().meta(describe('The step that goes on; bake after the last one.')),
    weightPercent: integer(0, 100).meta(
      describe('Share of the requests that the candidate shall have: that of the step, or all while it stands in.'),
    ),
    startedAt: time.optional().meta(describe('When every gateway pod was known to give this share.')),
    clock: clock
      .optional()
      .meta(
        describe(
          'Time that the phase has used of its deadline. It stands still while the phase cannot go on: paused, held, no gateway, pods that the cluster does not let run.',
        ),
      ),
    candidateSamples: count.meta(
      describe('Requests that the candidate answered in this step; one that it was too busy for (429) is none.'),
    ),
    heldFor: z.string().max(200).optional().meta(describe('Why the rollout waits for a person.')),
    warmReplicas: integer(0, 100).meta(describe('Pods of the candidate that were ready at once.')),
    notReadySince: time
      .optional()
      .meta(describe('Since when fewer of them are ready while the live revision is better off.')),
    standIn: standInSchema.optional(),
    judgedBy: z
      .string()
      .max(64)
      .optional()
      .meta(describe('Digest of the gates that the verdicts are of: others are asked anew.')),
    evaluationAttempt: integer(1, 1_000_000).meta(
      describe('Number of the evaluation Jobs, counted up when one is lost.'),
    ),
  })
  .meta(describe('Where the candidate stands.'));
export type RolloutStatus = z.output<typeof rolloutStatusSchema>;

export const gateStatusList = z
  .array(
    z.object({
      name: shortName.meta(describe('The gate, or guardrail.')),
      verdict: z
        .enum(['Pass', 'Fail', 'Inconclusive', 'Error'])
        .meta(describe('Inconclusive: too little evidence. Error: it could not be judged. Neither is a pass.')),
      estimate: z.number().optional().meta(describe('What the candidate shows.')),
      baseline: z.number().optional().meta(describe('What the live revision shows.')),
      lower: z.number().optional().meta(describe('Lower end of the interval of the estimate.')),
      upper: z.number().optional().meta(describe('Upper end of the interval of the estimate.')),
      n: count.meta(describe('Samples of the candidate.')),
      nNeeded: count.optional().meta(describe('Samples that the thresholds need if things go on as seen.')),
      overloaded: count.optional().meta(describe('Requests that the candidate was too busy for (429).')),
      method: z.string().max(100).meta(describe('How it was judged.')),
      message: z.string().max(200).meta(describe('Estimate against threshold, and what to do next.')),
    }),
  )
  .max(17)
  .meta(listMap('What each gate says of the candidate.', ['name']));

/** Rejections that are kept. */
export const maxRejected = 10;

export const rejectedList = z
  .array(
    revisionRecord.extend({
      gate: shortName.meta(describe('The gate that decided, the step that stayed undecided, or warm-up.')),
      at: time.meta(describe('When.')),
      evidenceAt: time
        .optional()
        .meta(describe('When the reading was taken that showed it; absent when the candidate had no requests.')),
      withdrawnAt: time
        .optional()
        .meta(
          describe('When the reading was taken by which every gateway pod was known to send it no request any more.'),
        ),
      retryToken: token.meta(describe('rollout.retryToken of the attempt; another one tries again.')),
      message: z.string().max(200).meta(describe('Estimate against threshold, and what to do next.')),
    }),
  )
  .max(maxRejected)
  .meta(
    listMap('Revisions that a gate refused; they get no traffic until the spec or retryToken changes.', ['revision']),
  );

/** Latency buckets: 126 edges, and what lies beyond the last one. */
export const maxLatencyBuckets = 127;
/** Digits of a bucket's count in base 36: 78 thousand million requests. */
export const maxBucketDigits = 7;

/** A histogram: first bucket and counts in base 36, `<first>:<count> <count> …`. What it says costs no more than its text. */
export const packedHistogram = z
  .string()
  .max(1024)
  .regex(/^([0-9]{1,3}:[0-9a-z]{1,7}( [0-9a-z]{1,7}){0,126})?$/);
/** The end of the year 9999: a later moment has no date. */
export const lastInstant = 253_402_300_799_999;
const instant = integer(0, lastInstant).meta(describe('Milliseconds since 1970.'));
const totals = {
  requests: count.meta(describe('Requests.')),
  errors: count.meta(describe('Those that failed.')),
  overloaded: count.optional().meta(describe('Those that the servers were too busy for (429): no errors, no samples.')),
  nonFinite: count.optional().meta(describe('Errors because the model gave NaN or infinity.')),
  latency: packedHistogram.meta(
    describe('Requests per latency bucket: the first that has any, and counts in base 36.'),
  ),
};
const proportion = z.object({
  successes: count.meta(describe('Events.')),
  trials: count.meta(describe('Requests.')),
});
/**
 * Gateway pods whose counters are kept at once. A gateway has two, and three while they are replaced; there are more while
 * some are ending or lost with their node. What others count is no evidence: the share is the same in every pod.
 */
export const maxCountedGateways = 8;

const readings = z
  .array(
    z.object({
      podUid: uid.meta(describe('The gateway pod.')),
      revision: z.string().max(64).meta(describe('Whose requests it counted.')),
      since: instant.optional().meta(describe("When its process began, by its node's clock: milliseconds since 1970.")),
      counted: z
        .enum(['Answers', 'Predictions'])
        .optional()
        .meta(describe('What was counted; absent of an earlier release, which counted faults of clients, too.')),
      ...totals,
    }),
  )
  .max(2 * maxCountedGateways)
  .meta(atomicList('Last counters of each gateway pod and revision, so that nothing is counted twice.'));
const marks = z
  .array(
    z.object({
      at: instant,
      candidate: proportion.meta(describe('The candidate.')),
      stable: proportion.meta(describe('The live revision.')),
    }),
  )
  .max(2)
  .meta(atomicList('Totals of the step as they stood some seconds ago: what came since is what the guardrail judges.'));

const ledger = {
  candidate: z.string().max(64).meta(describe('Who is judged.')),
  stable: z.string().max(64).meta(describe('Beside whom.')),
  steps: z
    .array(
      z.object({
        name: shortName.meta(describe('The step.')),
        share: z
          .number()
          .gt(0)
          .max(1)
          .meta(describe("The candidate's share of the requests; 1 while no pod of the live revision answers.")),
        startedAt: instant,
        guardrailOnly: z
          .boolean()
          .optional()
          .meta(describe('No step: the share is on its way, or no pod of the live revision answers.')),
        candidate: z.object(totals).meta(describe('The candidate.')),
        stable: z.object(totals).meta(describe('The live revision.')),
      }),
    )
    .max(9)
    .meta(atomicList('Running totals of each step so far.')),
  readings,
  marks,
};

export const evidenceSchema = z
  .object({
    ...ledger,
    unrouted: z.object(ledger).meta(describe('Requests that the gateway itself failed.')),
  })
  .meta(describe('What was counted of candidate and live revision, so that a restart neither loses nor repeats it.'));
export type KeptEvidence = z.output<typeof evidenceSchema>;

/** Revisions that were stable before, for rollbackWindow. */
export const formerList = z
  .array(revisionRecord)
  .max(10)
  .meta(atomicList('Revisions that were stable before, newest first.'));
