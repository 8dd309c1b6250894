// A stall is seen when the thread makes it, and is not when the machine does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import { watchStalls } from './own-stalls.ts';

const pass = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Works until this thread had a processor for so long, however long others had it. */
function work(milliseconds: number): void {
  const begun = process.threadCpuUsage();
  const used = () => {
    const { user, system } = process.threadCpuUsage(begun);
    return (user + system) / 1000;
  };
  while (used() < milliseconds);
}

test('a thread that works for long without a turn stalls', async () => {
  const stalls = watchStalls();
  await pass(50);
  work(150);
  await pass(50);
  expect(stalls.end()).toBeGreaterThan(100);
});

test('the time in which others had the processors is none of its own', async () => {
  const busy = Array.from({ length: 4 * availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  try {
    await Promise.all(busy.map((child) => once(child, 'spawn')));
    const stalls = watchStalls();
    await pass(200);
    work(40);
    await pass(50);
    expect(stalls.end()).toBeLessThan(100);
  } finally {
    const ends = busy.map((child) => once(child, 'exit'));
    for (const child of busy) child.kill('SIGKILL');
    await Promise.all(ends);
  }
});
