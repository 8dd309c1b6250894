// How long a thread kept its own event loop from turning. A thread that waits for a processor which others have does not
// stall by its own doing: Linux counts that wait for each thread, so it is taken off, and the figure holds on a busy machine.
import { existsSync, readFileSync } from 'node:fs';

const everyMs = 10;
/** Of the reading thread: nanoseconds that it ran, nanoseconds that it was ready and waited for a processor, turns. */
const schedulerStatistics = '/proc/thread-self/schedstat';

/** Where the kernel does not count, nothing is taken off. */
function waitedMs(): number {
  if (!existsSync(schedulerStatistics)) return 0;
  return Number(readFileSync(schedulerStatistics, 'utf8').split(' ')[1]) / 1e6;
}

/** Watches the event loop of the calling thread until `end`, which tells the longest stall in milliseconds. */
export function watchStalls(): { end(): number } {
  let longest = 0;
  let last = { at: performance.now(), waited: waitedMs() };
  const look = (): void => {
    const now = { at: performance.now(), waited: waitedMs() };
    longest = Math.max(longest, now.at - last.at - everyMs - (now.waited - last.waited));
    last = now;
  };
  const timer = setInterval(look, everyMs);
  const end = (): number => {
    clearInterval(timer);
    look();
    return longest;
  };
  return { end };
}
