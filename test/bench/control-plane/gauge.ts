// Looks at a running operator again and again, and keeps the largest of what it sees.
import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorProcess } from './operator-process.ts';
import { processorSeconds, residentMiB } from './process-figures.ts';

/** What was seen between two moments. */
export type Seen = {
  /** Largest resident set, in MiB. */
  readonly rssMiB: number;
  /** Resident set at the end. */
  readonly lastRssMiB: number;
  /** Longest time in which the event loop did not turn. */
  readonly loopStallMs: number;
  readonly processorSeconds: number;
};

/** The operator's own figure: the longest delay since the figure was read last. */
const stallMetric = 'sluice_nodejs_eventloop_lag_max_seconds';
const rssEveryMs = 100;
const stallEveryMs = 2000;

/** Watches `operator` while `work` goes on; reading costs it one scrape every two seconds, as Prometheus might. */
export async function watchOperator<T>(
  operator: OperatorProcess,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly seen: Seen }> {
  const done = new AbortController();
  const before = await processorSeconds(operator.pid);
  let rssMiB = 0;
  let loopStallMs = 0;
  const look = async () => {
    const stall = (await operator.metrics()).get(stallMetric);
    loopStallMs = Math.max(loopStallMs, 1000 * (stall ?? 0));
    return stall !== undefined;
  };
  const watching = Promise.all([
    repeat(rssEveryMs, done.signal, async () => {
      rssMiB = Math.max(rssMiB, await residentMiB(operator.pid));
    }),
    repeat(stallEveryMs, done.signal, look),
  ]);
  try {
    const result = await work();
    if (!(await look())) throw new Error(`The operator has no metric ${stallMetric}.`);
    const lastRssMiB = await residentMiB(operator.pid);
    const spent = (await processorSeconds(operator.pid)) - before;
    return { result, seen: { rssMiB, lastRssMiB, loopStallMs, processorSeconds: spent } };
  } finally {
    done.abort();
    await watching;
  }
}

async function repeat(everyMs: number, signal: AbortSignal, look: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await look();
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
