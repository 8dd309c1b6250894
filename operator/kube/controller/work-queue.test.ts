// Checks the queue's promises: one worker a key, nothing lost, retries paced.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

const KEYS = ['x/a', 'x/b', 'y/a'];

/** Takes all keys that are ready now. */
async function takeAll(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) keys.push((await queue.take()) ?? '');
  return keys;
}

describe('WorkQueue', () => {
  test('a key that is added twice is handed out once', async () => {
    const queue = new WorkQueue({ name: 'test', clock: new FakeClock() });
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  test('a key that is added while it is worked on comes back when the worker is done', async () => {
    const queue = new WorkQueue({ name: 'test', clock: new FakeClock() });
    queue.add('a');
    await queue.take();
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
  });

  test('of several delayed adds the earliest counts', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ name: 'test', clock });
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    await clock.advance(99);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    await clock.advance(1_000);
    expect(queue.depth).toBe(0);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300])('a delay of %d is a day, not none', async (delayMs) => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ name: 'test', clock });
    queue.addAfter('a', delayMs);
    await clock.advance(86_399_999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
  });

  test('H13: failures in a row back off; success ends the row', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ name: 'test', clock });
    const waits: (number | undefined)[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      queue.addAfterFailure('a');
      waits.push(clock.nextTimerMs());
      await clock.advance(1_000);
    }
    expect(waits).toEqual([5, 10, 20, 40]);
    queue.forget('a');
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    queue.addAfterFailure('a');
    expect(clock.nextTimerMs()).toBe(5);
  });

  test('H13: many failing keys share a budget of ten retries a second after the first hundred', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ name: 'test', clock });
    for (let at = 0; at < 150; at += 1) queue.addAfterFailure(`key-${at}`);
    await clock.advance(10);
    expect(queue.depth).toBe(100);
    await clock.advance(1_000);
    expect(queue.depth).toBe(110);
  });

  test('S14: a namespace whose keys all fail delays the retry of another one by one turn', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ name: 'test', clock });
    for (let at = 0; at < 2_000; at += 1) queue.addAfterFailure(`noisy/key-${at}`);
    await clock.advance(10);
    await takeAll(queue);
    queue.addAfterFailure('quiet/key');
    await clock.advance(210);
    expect(await takeAll(queue)).toContain('quiet/key');
  });

  test('S14: 10,000 keys of a namespace delay the one of another by one turn', async () => {
    const queue = new WorkQueue({ name: 'test', clock: new FakeClock() });
    for (let at = 0; at < 10_000; at += 1) queue.add(`noisy/key-${at}`);
    queue.add('quiet/key');
    expect([await queue.take(), await queue.take()]).toEqual(['noisy/key-0', 'quiet/key']);
  });

  test('S14: no namespace gets a second key while another one that had a ready key all the time got none', async () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('add' as const), namespace: fc.constantFrom('a', 'b', 'c'), name: fc.nat(30) }),
      fc.record({ op: fc.constant('take' as const) }),
    );
    const property = fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
      const queue = new WorkQueue({ name: 'test', clock: new FakeClock() });
      const ready = new Set<string>();
      /** Namespaces that have been passed over since they were ready, and by whom. */
      const passedBy = new Map<string, Set<string>>();
      const namespaceOf = (key: string): string => key.split('/')[0] ?? '';
      for (const each of steps) {
        if (each.op === 'add') {
          const key = `${each.namespace}/${each.name}`;
          queue.add(key);
          ready.add(key);
        } else if (queue.depth > 0) {
          const key = (await queue.take()) ?? '';
          queue.done(key);
          ready.delete(key);
          const taken = namespaceOf(key);
          passedBy.delete(taken);
          for (const other of new Set([...ready].map(namespaceOf))) {
            if (other === taken) continue;
            const passers = passedBy.get(other) ?? new Set();
            expect(passers).not.toContain(taken);
            passedBy.set(other, passers.add(taken));
          }
        }
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('H21: a retry waits at least as long as the apiserver asked', () => {
    const clock = new FakeClock();
    new WorkQueue({ name: 'test', clock }).addAfterFailure('a', 7_000);
    expect(clock.nextTimerMs()).toBe(7_000);
  });

  test('closing releases the workers and forgets what was to come', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ name: 'test', clock });
    const waiting = queue.take();
    queue.addAfter('a', 10);
    queue.close();
    queue.add('b');
    await clock.advance(100);
    await expect(waiting).resolves.toBeUndefined();
    await expect(queue.take()).resolves.toBeUndefined();
    expect(queue.depth).toBe(0);
  });

  test('H13: no key is worked on twice at once, and each wake-up is followed by a run that begins after it', async () => {
    const key = fc.constantFrom(...KEYS);
    const step = fc.oneof(
      fc.record({ op: fc.constant('add' as const), key }),
      fc.record({ op: fc.constant('addAfter' as const), key, ms: fc.nat(50) }),
      fc.record({ op: fc.constant('fail' as const), key }),
      fc.record({ op: fc.constant('advance' as const), ms: fc.nat(40) }),
      fc.record({ op: fc.constant('finish' as const), key }),
    );
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, workers) => {
        const clock = new FakeClock();
        const queue = new WorkQueue({ name: 'test', clock });
        const open = new Map<string, () => void>();
        const owed = new Set<string>();
        let isDraining = false;
        const work = async (): Promise<void> => {
          for (let taken = await queue.take(); taken !== undefined; taken = await queue.take()) {
            const current = taken;
            expect(open.has(current)).toBe(false);
            owed.delete(current);
            if (!isDraining) await new Promise<void>((finish) => open.set(current, finish));
            open.delete(current);
            queue.done(current);
          }
        };
        const running = Array.from({ length: workers }, work);
        for (const each of steps) {
          if (each.op === 'advance') await clock.advance(each.ms);
          else if (each.op === 'finish') open.get(each.key)?.();
          else {
            owed.add(each.key);
            if (each.op === 'add') queue.add(each.key);
            else if (each.op === 'fail') queue.addAfterFailure(each.key);
            else queue.addAfter(each.key, each.ms);
          }
          await settle();
        }
        isDraining = true;
        for (const finish of open.values()) finish();
        await clock.advance(2_000_000);
        expect([...owed]).toEqual([]);
        queue.close();
        await Promise.all(running);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});
