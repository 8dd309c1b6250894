// Runs the training process and watches it: progress, hangs, draining, and how it ended.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { determinismEnvironment } from '../fitting/tensorflow.ts';
import type { Command, Outcome, Sign, TrainingOrder } from '../messages.ts';
import { threadsOf } from '../training/threads.ts';
import { rememberLastLines } from './last-lines.ts';
import { readOomKills } from './memory-kills.ts';
import { advance, describeProgress, type Progress, startProgress } from './progress.ts';
import { serveProgress } from './progress-server.ts';
import { judgeEnd, type Verdict } from './verdict.ts';

/** What to run and how to watch it. */
export type Supervision = {
  readonly order: TrainingOrder;
  readonly attempt: number;
  /** Module that runs in the training process. */
  readonly childPath: string;
  /** Port of `GET /progress`. */
  readonly port: number;
  readonly cgroupMount: string;
  /** How long the training process may take to write its last checkpoint. */
  readonly drainMilliseconds: number;
  /** Aborted when the pod is told to stop. */
  readonly stop: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
};

const hangCheckMilliseconds = 250;

/** Runs one attempt to its end. Rejects only when the supervisor itself fails. */
export async function supervise(supervision: Supervision): Promise<Verdict> {
  const watched = new WatchedChild(supervision);
  const server = await serveProgress(supervision.port, () => watched.describe());
  try {
    return await watched.run();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

class WatchedChild {
  readonly #supervision: Supervision;
  readonly #lastLines = rememberLastLines();
  #progress: Progress;
  #outcome: Outcome | undefined;
  #killedFor: 'Hang' | 'Grace' | undefined;

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
    this.#progress = startProgress(supervision.attempt, supervision.now());
  }

  describe() {
    return describeProgress(this.#progress, this.#supervision.now());
  }

  async run(): Promise<Verdict> {
    const { order, cgroupMount } = this.#supervision;
    const killsBefore = await readOomKills(cgroupMount);
    const child = this.#start();
    const stopWatching = this.#watch(child);
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    stopWatching();
    const killsAfter = await readOomKills(cgroupMount);
    return judgeEnd({
      outcome: this.#outcome,
      code,
      signal,
      killedFor: this.#killedFor,
      oomKills: killsAfter === undefined ? undefined : killsAfter - (killsBefore ?? 0),
      lastLines: this.#lastLines.text(),
      progressSeconds: order.spec.deadlines.progressSeconds,
    });
  }

  #start(): ChildProcess {
    const { order, childPath } = this.#supervision;
    const child = fork(childPath, {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=DEP0051'], // TensorFlow.js calls util.isNullOrUndefined
      env: { ...process.env, ...determinismEnvironment(threadsOf(order.spec.resources.cpu)) },
    });
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      process.stderr.write(piece);
      this.#lastLines.append(piece);
    });
    child.on('message', (sign: Sign) => this.#hear(sign));
    tell(child, { type: 'Train', order });
    return child;
  }

  #hear(sign: Sign): void {
    this.#progress = advance(this.#progress, sign, this.#supervision.now());
    if (sign.type === 'Ended') this.#outcome = sign.outcome;
  }

  /** Starts the hang watch and listens for the order to stop; the returned function ends both. */
  #watch(child: ChildProcess): () => void {
    const { stop } = this.#supervision;
    const hangWatch = setInterval(() => this.#killIfHung(child), hangCheckMilliseconds);
    const timers = [hangWatch];
    const drain = () => timers.push(this.#drain(child));
    stop.addEventListener('abort', drain, { once: true });
    if (stop.aborted) drain();
    return () => {
      for (const timer of timers) clearTimeout(timer);
      stop.removeEventListener('abort', drain);
    };
  }

  #killIfHung(child: ChildProcess): void {
    const idle = this.#supervision.now() - this.#progress.advancedAt;
    if (idle < this.#supervision.order.spec.deadlines.progressSeconds * 1000) return;
    this.#kill(child, 'Hang');
  }

  #drain(child: ChildProcess): NodeJS.Timeout {
    tell(child, { type: 'Drain' });
    return setTimeout(() => this.#kill(child, 'Grace'), this.#supervision.drainMilliseconds);
  }

  /** SIGKILL also ends a stopped process; one that has already said how it ended keeps its word. */
  #kill(child: ChildProcess, reason: 'Hang' | 'Grace'): void {
    this.#killedFor ??= reason;
    child.kill('SIGKILL');
  }
}

/** Sends a command; a process that has just ended cannot hear it, and how it ended says more than that. */
function tell(child: ChildProcess, command: Command): void {
  child.send(command, (error) => {
    if (error !== null) console.error(`The training process did not hear ${command.type}: ${error.message}`);
  });
}
