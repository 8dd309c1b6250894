// When requests may go out.
import { expect, test } from '@jest/globals';
import { makePacer } from './pacer.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const { signal } = new AbortController();

test('turns are one interval apart, however many ask at once', async () => {
  const clock = new VirtualClock();
  const pacer = makePacer(4, clock);
  const turns = await Promise.all(Array.from({ length: 5 }, () => pacer(signal).then(() => clock.now())));
  expect(turns).toEqual([0, 250, 500, 750, 1000]);
});

test('time in which nobody came is not made up for', async () => {
  const clock = new VirtualClock();
  const pacer = makePacer(4, clock);
  await pacer(signal);
  await clock.wait(10_000, signal);
  const turns = await Promise.all([pacer(signal), pacer(signal)].map((turn) => turn.then(() => clock.now())));
  expect(turns).toEqual([10_000, 10_250]);
});

test('a wait ends when it is called off', async () => {
  const stopping = new AbortController();
  const clock = new VirtualClock();
  const pacer = makePacer(4, clock);
  await pacer(stopping.signal);
  const turn = pacer(stopping.signal);
  stopping.abort();
  await expect(turn).rejects.toThrow('aborted');
});
