// Waits for a condition of another thread or process, because a test must never sleep and hope.
import { setTimeout as delay } from 'node:timers/promises';

const pollMilliseconds = 5;
const patienceMilliseconds = 4_000;

/** Settles when `condition` holds; throws Error with `what` after 4 s. */
export async function waitUntil(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMilliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await delay(pollMilliseconds);
  }
}
