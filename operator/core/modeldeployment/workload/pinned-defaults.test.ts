// A change of the chart's values restarts no model that answers, and heals one that cannot start.
import { describe, expect, test } from '@jest/globals';
import { noPodDefaults, podDefaultsSchema } from '@sluice/crds/pod-defaults.ts';
import { workload } from '../testing/samples.ts';
import { defaultsAnnotation, defaultsOf } from './pinned-defaults.ts';

const of = (pool: string) => podDefaultsSchema.parse({ scheduling: { nodeSelector: { pool } } });
const [before, today] = [of('old'), of('new')];
const deployment = (ready: number, annotations?: Record<string, string>) => {
  const made = workload(1, ready);
  return { ...made, metadata: { ...made.metadata, ...(annotations && { annotations }) } };
};

describe('the pods of a revision are made with', () => {
  test.each([
    ['today’s wishes when there are none yet', undefined, today],
    ['today’s when none of them is ready', deployment(0, defaultsAnnotation(before)), today],
    ['those that they run with while one is ready', deployment(1, defaultsAnnotation(before)), before],
    ['none when they run without', deployment(2), noPodDefaults],
    [
      'none when they were made when nothing was wished',
      deployment(2, defaultsAnnotation(noPodDefaults)),
      noPodDefaults,
    ],
    [
      'today’s when somebody has written over what they run with',
      deployment(2, { 'sluice.dev/pod-defaults': '{}}' }),
      today,
    ],
    ['… with what no release writes', deployment(2, { 'sluice.dev/pod-defaults': '{"hostNetwork":true}' }), today],
  ])('%s', (_, observed, expected) => {
    expect(defaultsOf(observed, today)).toEqual(expected);
  });
});
