// Writes Events beside the reconciles: repeated ones become one series, floods are dropped and counted, nothing is thrown.

import type { KubeClient } from '../client.ts';
import { type Clock, sleep, systemClock } from '../clock.ts';
import { TokenBucket } from '../controller/backoff.ts';
import { type Instruments, noInstruments } from '../instruments.ts';
import { microTime, type Stored } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import { type EventObject, eventKey, type Happening, newEvent, type Reporter } from './event-object.ts';

/** Settings of a recorder. */
export interface EventRecorderOptions extends Reporter {
  readonly client: KubeClient;
  readonly clock?: Clock | undefined;
  readonly instruments?: Instruments | undefined;
  /** Told of each Event that could not be written, for the log. */
  readonly onDropped?: ((cause: string, error?: unknown) => void) | undefined;
}

/** Repetitions of an event are written together, at most this often. */
const SERIES_EVERY_MS = 60_000;

/** An event that was not repeated for so long has ended; the next one like it is a new one. client-go's figure. */
const SERIES_ENDS_MS = 360_000;

/** Different events remembered at once; the oldest is forgotten first. */
const MOST_REMEMBERED = 4_096;

/** Events in line; what comes while it is full is dropped. */
const MOST_IN_LINE = 4_096;

/** A process that ends waits for its events no longer than this. */
const FLUSH_MS = 1_000;

/** client-go's spam filter: per object 25 new events at once, then one in five minutes. */
const PER_OBJECT = { perSecond: 1 / 300, burst: 25 };

interface Remembered {
  readonly event: EventObject;
  count: number;
  lastMs: number;
  lastAt: Date;
  cancel: (() => void) | undefined;
}

/** Records what happened to objects. Call it once per transition. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #instruments: Instruments;
  readonly #remembered = new Map<string, Remembered>();
  readonly #budgets = new Map<string, TokenBucket>();
  /** Events go out one after the other: they never hold up a write that brings something about. */
  #line: Promise<void> = Promise.resolve();
  #inLine = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#instruments = options.instruments ?? noInstruments;
  }

  /** Notes that something happened; the write goes on by itself. It never throws. */
  record(regarding: Stored, happening: Happening): void {
    const key = eventKey(regarding, happening);
    const known = this.#remembered.get(key);
    const nowMs = this.#clock.monotonicMs();
    if (known !== undefined && nowMs - known.lastMs < SERIES_ENDS_MS) {
      this.#repeat(known, nowMs);
      return;
    }
    if (!this.#budgetOf(regarding.metadata.uid).tryTake(nowMs)) {
      this.#drop('flood');
      return;
    }
    known?.cancel?.();
    const at = this.#clock.wall();
    const event = newEvent(regarding, happening, { ...this.#options, at });
    this.#remembered.delete(key);
    remember(this.#remembered, key, { event, count: 1, lastMs: nowMs, lastAt: at, cancel: undefined });
    this.#write(event);
  }

  /** Resolves once everything recorded so far is written or dropped, series included, or after a second. */
  async flush(): Promise<void> {
    for (const each of this.#remembered.values()) {
      if (each.cancel !== undefined) this.#writeSeries(each);
    }
    const done = new AbortController();
    await Promise.race([this.#line, sleep(this.#clock, FLUSH_MS, done.signal)]);
    done.abort();
  }

  #repeat(known: Remembered, nowMs: number): void {
    known.count += 1;
    known.lastMs = nowMs;
    known.lastAt = this.#clock.wall();
    known.cancel ??= this.#clock.after(SERIES_EVERY_MS, () => this.#writeSeries(known));
  }

  #writeSeries(known: Remembered): void {
    known.cancel?.();
    known.cancel = undefined;
    this.#write({ ...known.event, series: { count: known.count, lastObservedTime: microTime(known.lastAt) } });
  }

  #budgetOf(uid: string): TokenBucket {
    const budget = this.#budgets.get(uid) ?? new TokenBucket(PER_OBJECT);
    this.#budgets.delete(uid);
    remember(this.#budgets, uid, budget);
    return budget;
  }

  #write(event: EventObject): void {
    if (this.#inLine >= MOST_IN_LINE) {
      this.#drop('backlog');
      return;
    }
    this.#inLine += 1;
    this.#line = this.#line
      .then(() => this.#send(event))
      .catch((error: unknown) => this.#drop('refused', error))
      .then(() => {
        this.#inLine -= 1;
      });
  }

  /** A first occurrence is new by its name; what follows changes the series of the same object. */
  async #send(event: EventObject): Promise<void> {
    const { client } = this.#options;
    if (event.series === undefined) await client.create(RESOURCES.events, event);
    else await client.apply(RESOURCES.events, event);
  }

  #drop(cause: string, error?: unknown): void {
    this.#instruments.count('events_dropped_total', { cause });
    this.#options.onDropped?.(cause, error);
  }
}

/** Adds to a map that keeps the `MOST_REMEMBERED` newest entries. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
