// Structured logs: one JSON object a line, with the object's key, rate-limited per key and in all, so that no hot loop can
// flood: winston keeps what is logged faster than the event loop turns in memory, without a bound (H20).
import { once } from 'node:events';
import winston from 'winston';
import { TokenBucket } from '../kube/controller/backoff.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the process says what it does; `key` in the fields groups lines for the rate limit. */
export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

const windowMs = 60_000;
const linesPerWindow = 60;
/** Over all keys: many objects that fail at once are no reason to fill a disk. */
const inAll = { perSecond: 200, burst: 2_000 };
/** Keys that are remembered; then all begin anew. */
const mostKeys = 10_000;

/** Allows so many lines per key and window; what was dropped is said in the first line of the next window. */
export class LineBudget {
  readonly #inAll = new TokenBucket(inAll);
  readonly #windows = new Map<string, { startedAt: number; lines: number; dropped: number }>();

  /** @returns how many lines were dropped before this one, or undefined when this one is to be dropped. */
  admit(key: string, nowMs: number): number | undefined {
    const window = this.#windows.get(key);
    const isNew = window === undefined || nowMs - window.startedAt >= windowMs;
    const isWithinKey = isNew || window.lines < linesPerWindow;
    if (!isWithinKey || !this.#inAll.tryTake(nowMs)) {
      if (window !== undefined) window.dropped += 1;
      return undefined;
    }
    if (!isNew) {
      window.lines += 1;
      return 0;
    }
    if (this.#windows.size >= mostKeys) this.#windows.clear();
    this.#windows.set(key, { startedAt: nowMs, lines: 1, dropped: 0 });
    return window?.dropped ?? 0;
  }
}

/** An error as fields: message, and the stack only where somebody has to repair code. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { error: error.message, errorName: error.name, ...cause };
}

/** The log of the process. */
export interface ProcessLog extends Log {
  /** Says how many lines were dropped in all; resolves when every line is out. Nothing is written after it. */
  close(): Promise<void>;
}

/** Resolves when the kernel has all that was written to the stream: `process.exit` would drop the rest. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** @param level lowest level that is written; `onDropped` is told of each line that is not, for a counter. */
export function createLog(level: LogLevel, onDropped: (level: LogLevel) => void = () => {}): ProcessLog {
  const output = new winston.transports.Console({ stderrLevels: ['error', 'warn'] });
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [output],
  });
  const budget = new LineBudget();
  let droppedInAll = 0;
  return {
    async close() {
      if (droppedInAll > 0) logger.warn('log lines were dropped', { droppedLines: droppedInAll });
      const isOut = once(output, 'finish');
      logger.end();
      await isOut;
      await Promise.all([process.stdout, process.stderr].map(drained));
    },
    write(lineLevel, message, fields = {}) {
      if (!logger.isLevelEnabled(lineLevel)) return;
      const dropped = budget.admit(`${String(fields['key'] ?? '')} ${message}`, performance.now());
      if (dropped === undefined) {
        droppedInAll += 1;
        onDropped(lineLevel);
        return;
      }
      logger.log(lineLevel, message, dropped > 0 ? { ...fields, droppedLines: dropped } : fields);
    },
  };
}
