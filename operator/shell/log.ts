// Structured logs: one JSON object a line, with the object's key, rate-limited per key so that a hot loop cannot flood.
import winston from 'winston';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the process says what it does; `key` in the fields groups lines for the rate limit. */
export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

const windowMs = 60_000;
const linesPerWindow = 60;

/** Allows so many lines per key and window; what was dropped is said in the first line of the next window. */
export class LineBudget {
  readonly #windows = new Map<string, { startedAt: number; lines: number; dropped: number }>();

  /** @returns how many lines were dropped before this one, or undefined when this one is to be dropped. */
  admit(key: string, nowMs: number): number | undefined {
    const window = this.#windows.get(key);
    if (window === undefined || nowMs - window.startedAt >= windowMs) {
      if (this.#windows.size > 10_000) this.#windows.clear();
      this.#windows.set(key, { startedAt: nowMs, lines: 1, dropped: 0 });
      return window?.dropped ?? 0;
    }
    window.lines += 1;
    if (window.lines <= linesPerWindow) return 0;
    window.dropped += 1;
    return undefined;
  }
}

/** An error as fields: message, and the stack only where somebody has to repair code. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { error: error.message, errorName: error.name, ...cause };
}

/** @param level lowest level that is written. */
export function createLog(level: LogLevel): Log {
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn'] })],
  });
  const budget = new LineBudget();
  return {
    write(lineLevel, message, fields = {}) {
      if (!logger.isLevelEnabled(lineLevel)) return;
      const dropped = budget.admit(`${String(fields['key'] ?? '')} ${message}`, performance.now());
      if (dropped === undefined) return;
      logger.log(lineLevel, message, dropped > 0 ? { ...fields, droppedLines: dropped } : fields);
    },
  };
}
