// Which moments of a run are those at which the operator dies.
import { describe, expect, test } from '@jest/globals';
import { crashPoints } from './crash.ts';
import { everyOne, spread } from './sample.ts';
import { writeName } from './write-name.ts';

const write = { verb: 'patch', group: '', resource: 'pods', subresource: '', name: 'p', body: '{}' } as const;

describe('a write', () => {
  test.each<[Parameters<typeof writeName>[0], string]>([
    [write, 'patch pods p'],
    [{ ...write, verb: 'delete', group: 'batch', resource: 'jobs', name: 'p-1d8513c2' }, 'delete jobs.batch p-*'],
    [{ ...write, group: 'batch', resource: 'jobs', subresource: 'status' }, 'patch jobs.batch/status p'],
    [
      {
        ...write,
        group: 'events.k8s.io',
        resource: 'events',
        name: 'fit.0123',
        body: '{"reason":"Complete","regarding":{"kind":"TrainingJob","name":"fit"}}',
      },
      'patch events.events.k8s.io Complete of TrainingJob fit',
    ],
  ])('is known by what it does', (each, name) => {
    expect(writeName(each)).toBe(name);
  });
});

describe('crash points', () => {
  test('are both sides of each write, and tell writes of one name apart', () => {
    expect(crashPoints(['a', 'b', 'a'])).toEqual([
      { write: 'a', nth: 1, moment: 'before' },
      { write: 'a', nth: 1, moment: 'after' },
      { write: 'b', nth: 1, moment: 'before' },
      { write: 'b', nth: 1, moment: 'after' },
      { write: 'a', nth: 2, moment: 'before' },
      { write: 'a', nth: 2, moment: 'after' },
    ]);
  });

  test.each([
    [52, 4],
    [7, 3],
    [2, 2],
    [1, 5],
  ])('a sample of %i points by %i is spread, without repetition, within the range', (count, size) => {
    const chosen = spread(size)(count);
    expect(new Set(chosen).size).toBe(Math.min(size, count));
    for (const index of chosen) expect(everyOne(count)).toContain(index);
  });

  test('a sample has both sides', () => {
    expect(new Set(spread(4)(52).map((index) => index % 2))).toEqual(new Set([0, 1]));
  });
});
