// Gates: what a new revision must show before it gets traffic, and while it gets more.
import { z } from 'zod';
import { datasetSchema } from '../dataset.ts';
import { describe, exactlyOne, listMap, shortName } from '../fragments.ts';

/** Name of the verdict of what is always checked; no gate may have it. */
export const guardrailGateName = 'guardrail';

const evaluationSchema = z
  .object({
    metric: z.enum(['accuracy', 'mae', 'rmse']).meta(describe('accuracy for classes; mae or rmse for numbers.')),
    dataset: datasetSchema
      .omit({ split: true })
      .meta(describe('Labelled rows that no model was trained on; all of them are used.')),
  })
  .meta(describe('Sends a dataset through candidate and live revision, before any traffic.'));

const trafficSchema = z
  .object({
    metric: z
      .enum(['errorRate', 'latencyMs'])
      .meta(describe('errorRate: 5xx, broken connections and time-outs among all requests. latencyMs: a quantile.')),
    quantile: z.number().gt(0).lt(1).optional().meta(describe('Which quantile of latencyMs, e.g. 0.99.')),
  })
  .meta(
    describe('Compares what clients get from candidate and live revision, in each step and in the bake.', {
      rule: "(self.metric == 'latencyMs') == has(self.quantile)",
      message: 'latencyMs needs traffic.quantile, e.g. 0.99; errorRate takes none',
      fieldPath: '.quantile',
    }),
  );

const threshold = z.number().min(0).max(1e9);

const gateSchema = z
  .object({
    name: shortName.meta(
      describe('Name of the gate.', {
        rule: `self != '${guardrailGateName}'`,
        message: `${guardrailGateName} is the name of what is always checked: give the gate another name`,
      }),
    ),
    evaluation: evaluationSchema.optional(),
    traffic: trafficSchema.optional(),
    min: threshold.optional().meta(describe('Smallest value, for accuracy.')),
    max: threshold.optional().meta(describe('Largest value, for everything of which less is better.')),
    maxRegression: threshold
      .optional()
      .meta(describe('How much worse than the live revision the candidate may be, in the unit of the metric.')),
    maxRegressionPercent: threshold
      .optional()
      .meta(describe('latencyMs: by how many percent the live revision may be exceeded.')),
    maxRegressionAbsolute: threshold
      .optional()
      .meta(describe('latencyMs: by how many milliseconds; only what exceeds both allowances fails.')),
  })
  .meta(
    describe(
      'One question and the thresholds that must all hold.',
      exactlyOne(['evaluation', 'traffic']),
      {
        rule: '[has(self.min), has(self.max), has(self.maxRegression), has(self.maxRegressionPercent), has(self.maxRegressionAbsolute)].exists(set, set)',
        message:
          'a gate needs a threshold: min, max, or one of maxRegression, maxRegressionPercent, maxRegressionAbsolute',
      },
      {
        rule: "!has(self.min) || (has(self.evaluation) && self.evaluation.metric == 'accuracy')",
        message: 'min is for evaluation metric accuracy: use max where less is better',
        fieldPath: '.min',
      },
      {
        rule: "!has(self.max) || !has(self.evaluation) || self.evaluation.metric != 'accuracy'",
        message: 'max is for metrics of which less is better: use min for accuracy',
        fieldPath: '.max',
      },
      {
        rule: "!has(self.maxRegression) || !has(self.traffic) || self.traffic.metric == 'errorRate'",
        message: 'latencyMs takes maxRegressionPercent and maxRegressionAbsolute instead of maxRegression',
        fieldPath: '.maxRegression',
      },
      {
        rule: "!(has(self.maxRegressionPercent) || has(self.maxRegressionAbsolute)) || (has(self.traffic) && self.traffic.metric == 'latencyMs')",
        message: 'maxRegressionPercent and maxRegressionAbsolute are for traffic metric latencyMs: use maxRegression',
      },
      {
        rule: "![has(self.min) && self.min >= 1.0, has(self.max) && has(self.traffic) && self.traffic.metric == 'errorRate' && self.max >= 1.0, has(self.maxRegression) && (has(self.traffic) || (has(self.evaluation) && self.evaluation.metric == 'accuracy')) && self.maxRegression >= 1.0].exists(set, set)",
        message: 'thresholds of accuracy and errorRate are shares below 1, such as 0.95 or 0.02',
      },
    ),
  );
export type Gate = z.output<typeof gateSchema>;

export const gatesSchema = z
  .array(gateSchema)
  .max(16)
  .meta(listMap('What a candidate must show. A guardrail is always on besides.', ['name']));
