// How long polls are held, and that none is held for ever.
import { describe, expect, test } from '@jest/globals';
import { FakeClock, settle } from '../../kube/testing/fake-clock.ts';
import { HeldPolls } from './held-polls.ts';

/** Polls of two namespaces, and those that were let go. */
function setUp() {
  const clock = new FakeClock();
  const held = new HeldPolls(clock);
  const gone: string[] = [];
  for (const poll of ['ml', 'ml', 'other']) void held.hold(poll).then(() => gone.push(poll));
  return { clock, held, gone };
}

describe('held polls', () => {
  test('are let go with all of their namespace', async () => {
    const { clock, held, gone } = setUp();
    held.release('ml');
    await settle();
    expect(gone).toEqual(['ml', 'ml']);
    await clock.advance(2_999);
    expect(gone).toHaveLength(2);
  });

  test('are let go after some seconds, and leave nothing', async () => {
    const { clock, held, gone } = setUp();
    await clock.advance(3_000);
    expect(gone).toHaveLength(3);
    held.release('ml');
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  test('are let go at the end', async () => {
    const { clock, held, gone } = setUp();
    held.close();
    await settle();
    expect(gone).toHaveLength(3);
    expect(clock.nextTimerMs()).toBeUndefined();
  });
});
