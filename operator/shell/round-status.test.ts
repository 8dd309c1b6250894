// What of a status waits for its turn in a round, and what does not.
import { describe, expect, test } from '@jest/globals';
import type { Plan } from '../core/plan.ts';
import { owner, type Status, setUp, statusPath } from './testing/round-world.ts';

describe('a status that can wait', () => {
  /** A budget that says no, and what was asked of it. */
  const setUpBudget = (mayWrite: boolean, plan: Partial<Plan<Status>>, status: Status | undefined) => {
    const asked: string[] = [];
    const budget = {
      mayWrite: () => {
        asked.push('mayWrite');
        return mayWrite;
      },
      leave: () => void asked.push('leave'),
    };
    const live = owner(status === undefined ? {} : { status });
    return { asked, world: setUp(plan, live, budget) };
  };
  const event = { type: 'Normal', reason: 'Running', message: 'it runs' } as const;

  const one: Status = { percent: 1 };
  const two: Status = { percent: 2 };

  test.each<[string, { before?: Status; plan: Partial<Plan<Status>>; mayWrite: boolean }, number, string[]]>([
    ['waits', { before: one, plan: { status: two, statusCanWait: true }, mayWrite: false }, 0, ['mayWrite']],
    [
      'is written in its turn',
      { before: one, plan: { status: two, statusCanWait: true }, mayWrite: true },
      1,
      ['mayWrite'],
    ],
    [
      'waits also when it is the first',
      { plan: { status: one, statusCanWait: true }, mayWrite: false },
      0,
      ['mayWrite'],
    ],
    [
      'leaves the line when it is what is stored',
      { before: one, plan: { status: one, statusCanWait: true }, mayWrite: false },
      0,
      ['leave'],
    ],
    [
      'leaves the line when it cannot wait any more',
      { before: one, plan: { status: two }, mayWrite: false },
      1,
      ['leave'],
    ],
  ])('%s', async (_, { before, plan, mayWrite }, writes, asked) => {
    const set = setUpBudget(mayWrite, { ...plan, events: [event] }, before);
    await set.world.run();
    expect(set.world.transport.writes().filter(({ path }) => path === statusPath)).toHaveLength(writes);
    expect(set.asked).toEqual(asked);
  });

  test.each([
    ['waits', false, 0],
    ['comes', true, 1],
  ])('what it tells %s with it', async (_, mayWrite, count) => {
    const set = setUpBudget(mayWrite, { status: two, events: [event], statusCanWait: true }, one);
    await set.world.run();
    expect(set.world.told()).toHaveLength(count);
  });
});

test.each([false, true])(
  'a status that comes with the next one is not written, whoever may write (%s)',
  async (mayWrite) => {
    const asked: string[] = [];
    const budget = { mayWrite: () => mayWrite, leave: () => void asked.push('leave') };
    const world = setUp(
      { status: { percent: 2 }, statusComesWithNext: true },
      owner({ status: { percent: 1 } }),
      budget,
    );
    await world.run();
    expect(world.transport.writes()).toEqual([]);
    expect(asked).toEqual(['leave']);
  },
);
