// What of a status waits for its turn in a round, and what does not.
import { describe, expect, test } from '@jest/globals';
import type { Plan } from '../core/plan.ts';
import { owner, type Status, setUp } from './testing/round-world.ts';

describe('numbers that move all the time', () => {
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
    const news = ({ percent: _, ...rest }: Status) => rest;
    const live = owner(status === undefined ? {} : { status });
    return { asked, world: setUp(plan, live, { news, budget }) };
  };
  const event = { type: 'Normal', reason: 'Running', message: 'it runs' } as const;

  test.each<[string, Status | undefined, Partial<Plan<Status>>, boolean, number, string[]]>([
    ['wait', { phase: 'on', percent: 1 }, { status: { phase: 'on', percent: 2 } }, false, 0, ['mayWrite']],
    [
      'are written in their turn',
      { phase: 'on', percent: 1 },
      { status: { phase: 'on', percent: 2 } },
      true,
      1,
      ['mayWrite'],
    ],
    [
      'are written with news, for which nobody asks',
      { phase: 'on', percent: 1 },
      { status: { phase: 'off', percent: 2 } },
      false,
      1,
      ['leave'],
    ],
    ['are written with the first status', undefined, { status: { percent: 1 } }, false, 1, ['leave']],
    ['leave the line when they are what is stored', { percent: 1 }, { status: { percent: 1 } }, false, 0, ['leave']],
  ])('%s', async (_, before, plan, mayWrite, writes, asked) => {
    const set = setUpBudget(mayWrite, plan, before);
    await set.world.run();
    expect(set.world.transport.writes()).toHaveLength(writes);
    expect(set.asked).toEqual(asked);
  });

  test.each([
    ['waits, and with it what it tells', false, 0],
    ['is written in its turn, with what it tells', true, 1],
  ])('a first status that can wait %s', async (_, mayWrite, writes) => {
    const set = setUpBudget(mayWrite, { status: { phase: 'on' }, events: [event], statusCanWait: true }, undefined);
    await set.world.run();
    expect([set.world.status() === undefined, set.world.told().length, set.asked]).toEqual([
      writes === 0,
      writes,
      ['mayWrite'],
    ]);
  });

  test('never hold back an event', async () => {
    const set = setUpBudget(false, { status: { percent: 2 }, events: [event] }, { percent: 1 });
    await set.world.run();
    expect(set.world.status()).toEqual({ percent: 2 });
    expect(set.world.told()).toHaveLength(1);
  });
});
