// The one source of time in this room: durations from a monotonic clock, the wall clock only for what people read.

/** Time as the runtime sees it; tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number;
  /** The time of day. */
  wall(): Date;
  /** Calls `run` once after `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, run: () => void): () => void;
}

/** `setTimeout` fires at once beyond this: 2^31 − 1 ms, about 24.8 days. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The clock of the machine: the same in every thread of the process, unlike `performance.now()`. */
export const systemClock: Clock = {
  monotonicMs,
  wall: () => new Date(),
  after: (ms, run) => startTimer(monotonicMs() + ms, run),
};

/** CLOCK_MONOTONIC: it goes on while the process is stopped. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function startTimer(dueMs: number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = Math.max(0, dueMs - monotonicMs());
    if (leftMs > LONGEST_TIMER_MS) timer = setTimeout(arm, LONGEST_TIMER_MS);
    else timer = setTimeout(run, leftMs);
  };
  arm();
  return () => clearTimeout(timer);
}

/** Resolves after `ms`, or as soon as `signal` aborts; it never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.after(ms, wake);
    signal?.addEventListener('abort', wake);
  });
}

/** Resolves in the next turn of the event loop: what waits for it (timers, sockets, probes) comes first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
