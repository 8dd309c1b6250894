// A weight finds its stage again, also after the spec has changed.
import { describe, expect, test } from '@jest/globals';
import { rolloutSchema } from '@sluice/crds/v1alpha1/rollout.ts';
import { stageAfter, stageAt, stagesOf } from './steps.ts';

const steps = [5, 20, 50].map((weightPercent) => ({ name: `at-${weightPercent}`, weightPercent }));
const stages = stagesOf(rolloutSchema.parse({ steps, bakeSeconds: 30 }));

describe('the stages of a rollout', () => {
  test('end with the bake', () => {
    expect(stages.map(({ rule, weightPercent }) => `${rule.name} ${weightPercent}`)).toEqual([
      ...['at-5 5', 'at-20 20', 'at-50 50'],
      'bake 100',
    ]);
    expect(stages.at(-1)?.rule).toMatchObject({ minSeconds: 30, maxSeconds: 30, minCandidateSamples: 0 });
  });

  test.each([
    [5, 'at-5', 'at-20'],
    [50, 'at-50', 'bake'],
    [100, 'bake', undefined],
    [30, 'at-20', 'at-50'],
    [1, 'at-5', 'at-5'],
  ])('at %i %% are %s and then %s', (weight, current, next) => {
    expect(stageAt(stages, weight)?.rule.name).toBe(current);
    expect(stageAfter(stages, weight)?.rule.name).toBe(next);
  });
});
