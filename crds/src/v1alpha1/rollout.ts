// How a new revision gets its traffic: step by step, each step bought by evidence.
import { z } from 'zod';
import { describe, integer, listMap, retryToken, shortName } from '../fragments.ts';

/** Name of the time after the last step, with all requests on the candidate; no step may have it. */
export const bakeName = 'bake';

const stepSchema = z
  .object({
    name: shortName.meta(describe('Name of the step, e.g. probe.')),
    weightPercent: integer(1, 99).meta(describe('Share of the requests that the candidate gets.')),
    minCandidateSamples: integer(0, 10_000_000)
      .default(0)
      .meta(describe('Requests that the candidate must have answered in this step before it is left.')),
    minSeconds: integer(0, 604_800).default(0).meta(describe('The step lasts at least this long.')),
    maxSeconds: integer(1, 604_800)
      .default(600)
      .meta(
        describe(
          'After this time rollout.onInconclusive decides, when the gates have not. Time in which the step cannot go on (paused, held, no gateway) is none.',
        ),
      ),
  })
  .meta(
    describe('One step of a rollout.', {
      rule: 'self.minSeconds <= self.maxSeconds',
      message: 'minSeconds must not be more than maxSeconds: the step would never be judged',
      fieldPath: '.minSeconds',
    }),
  );
export type RolloutStep = z.output<typeof stepSchema>;

export const rolloutSchema = z
  .object({
    strategy: z
      .enum(['Canary'])
      .default('Canary')
      .meta(describe('Canary: the candidate gets a growing share of the requests while gates judge it.')),
    steps: z
      .array(stepSchema)
      .min(1)
      .max(8)
      .meta(
        listMap(
          'Steps in order, with rising weights.',
          ['name'],
          {
            rule: 'self.map(step, step.weightPercent).isSorted() && self.all(step, self.exists_one(other, other.weightPercent == step.weightPercent))',
            message: 'rollout.steps must have rising weights: give each step more weightPercent than the one before',
          },
          {
            rule: `!self.exists(step, step.name == '${bakeName}')`,
            message: `${bakeName} is the name of the time after the last step: give the step another name`,
          },
        ),
      ),
    warmUpSeconds: integer(1, 86_400)
      .default(600)
      .meta(
        describe(
          'How long pods of the candidate may run without becoming ready before it is refused. What the cluster keeps from running (no node, no image, no quota) uses nothing of it.',
        ),
      ),
    bakeSeconds: integer(0, 86_400)
      .default(60)
      .meta(
        describe('How long the old revision stays warm after the last step, while the candidate has all requests.'),
      ),
    onInconclusive: z
      .enum(['Hold', 'Rollback', 'Promote'])
      .default('Hold')
      .meta(describe('What happens at maxSeconds when a gate is undecided. Without samples, Promote holds, too.')),
    whenLiveIsDown: z
      .enum(['Candidate', 'Wait'])
      .default('Candidate')
      .meta(
        describe(
          'When nothing of the live revision can answer for 30 s. Candidate: a candidate in a step that has answered, and misses no threshold that can be judged without the live revision, gets all requests until that one is back; it is not promoted by that. Wait: the weights stay.',
        ),
      ),
    rollbackWindow: integer(0, 10)
      .default(3)
      .meta(
        describe(
          'A revision that was among the last so many stable ones comes back without steps and gates when model.version names it, or when it differs from the live one in settings only.',
        ),
      ),
    retryToken: retryToken.meta(describe('Any new value gives a rejected revision exactly one new attempt.')),
    paused: z
      .boolean()
      .default(false)
      .meta(describe('The candidate gets no more weight; what fails is still taken back.')),
  })
  .meta(describe('How a new revision gets its traffic; all at once when absent.'));
export type Rollout = z.output<typeof rolloutSchema>;
