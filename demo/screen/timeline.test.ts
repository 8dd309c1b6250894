// The timeline has every scene that ended, in order, and their sum.
import { expect, test } from '@jest/globals';
import { Timeline } from './timeline.ts';

test('keeps how long each scene took, and the sum', async () => {
  let now = 0;
  const timeline = new Timeline(() => now);
  const last = async (milliseconds: number) => {
    now += milliseconds;
    return milliseconds;
  };
  expect(await timeline.scene('one', () => last(1500))).toBe(1500);
  await timeline.scene('two', () => last(500));
  await expect(timeline.scene('three', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(timeline.scenes()).toEqual([
    { title: 'one', seconds: 1.5 },
    { title: 'two', seconds: 0.5 },
    { title: 'in all', seconds: 2 },
  ]);
});
