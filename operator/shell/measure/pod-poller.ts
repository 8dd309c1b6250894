// Takes measurements from pods that a plan asked for: one HTTP GET per pod and interval, small, bounded, never trusted
// beyond what the parser makes of it. The newest reading of each pod is kept; an unreachable pod only lets it age.
import { Agent } from 'undici';
import type { Instant, PodTarget } from '../../core/plan.ts';
import { systemClock } from '../../kube/clock.ts';
import { AnswerBudget, answerLimits, pauseAfterWrongAnswers } from './answer-budget.ts';
import { LookSchedule, type Pace } from './look-schedule.ts';

/** The newest answer of a pod. */
export type Reading<Report> = { readonly podUid: string; readonly report: Report; readonly at: Instant };

/** A pod that does not say what it was asked: since when, and why the last time. */
export type Silence = {
  readonly podUid: string;
  readonly since: Instant;
  readonly problem: string;
  /** Whether it answered the last time, with something else. */
  readonly isAnswering: boolean;
};

export type PodQuestion<Report> = {
  readonly port: number;
  readonly path: string;
  /** Largest body that is read, in bytes; with so much more for each entry that a request names. */
  readonly maxBytes: number;
  readonly maxBytesPerEntry?: number;
  /** How often pods are asked at most, over all of them; with more than that allows each is asked less often than wished. */
  readonly pace: Pace;
  /** @returns undefined for a body that says nothing. */
  parse(body: string): Report | undefined | Promise<Report | undefined>;
};

export type PollRequest = {
  readonly pod: PodTarget;
  readonly everySeconds: number;
  /** Whether a decision waits for it: it is asked before those that are not urgent. */
  readonly isUrgent?: boolean;
  /** How many things the pod has to tell of; 0 when absent. */
  readonly entries?: number;
};

/** A pod that is asked, and on whose behalf; after wrong answers it is left alone for a while. */
type Poll = {
  readonly owner: string;
  pod: PodTarget;
  maxBytes: number;
  wrongAnswers: number;
  pausedUntilMs: number;
  /** Its newest report as JSON. */
  text?: string;
};

/** An owner is a namespace, or an object in one: `namespace/name`. */
const namespaceOf = ({ owner }: Poll) => owner.split('/', 1)[0] ?? '';

/** The pod answered, but not what was asked. */
class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

const { timeoutMs } = answerLimits;

/** What went wrong, in the words of the innermost error: `connect ECONNREFUSED 10.0.0.1:9902`. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** The newest report of a pod and the one before it, which is undefined for the first one. */
export type Change<Report> = { readonly before: Report | undefined; readonly report: Report };

/** Polls the pods of many owners; `onReading` is called when a reading differs from the one before. */
export class PodPoller<Report> {
  readonly #question: PodQuestion<Report>;
  readonly #onReading: (owner: string, change: Change<Report>) => void;
  readonly #polls = new Map<string, Poll>();
  readonly #uidsOf = new Map<string, ReadonlySet<string>>();
  readonly #readings = new Map<string, Reading<Report>>();
  readonly #silences = new Map<string, Silence>();
  readonly #schedule: LookSchedule;
  readonly #budget = new AnswerBudget();
  readonly #agent = new Agent({
    connections: 1,
    keepAliveTimeout: 10_000,
    // One timer of ours cuts the whole exchange; these would add two more.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
  });

  constructor(question: PodQuestion<Report>, onReading: (owner: string, change: Change<Report>) => void) {
    this.#question = question;
    this.#onReading = onReading;
    this.#schedule = new LookSchedule({ pace: question.pace, look: (uid) => this.#look(uid) });
  }

  reading(podUid: string): Reading<Report> | undefined {
    return this.#readings.get(podUid);
  }

  /** Undefined while the pod answers, is not asked, or has not had the time to answer. */
  silence(podUid: string): Silence | undefined {
    return this.#silences.get(podUid);
  }

  /** Makes `all` the whole set of pods that are polled for `owner`; of more than an owner may have, the first. */
  want(owner: string, all: readonly PollRequest[]): void {
    const requests = all.slice(0, answerLimits.podsPerOwner);
    const wanted = new Set(requests.map(({ pod }) => pod.uid));
    for (const uid of this.#uidsOf.get(owner) ?? []) {
      if (!wanted.has(uid)) this.#forget(uid);
    }
    if (wanted.size > 0) this.#uidsOf.set(owner, wanted);
    else this.#uidsOf.delete(owner);
    for (const { pod, everySeconds, isUrgent = false, entries = 0 } of requests) {
      const wholeBytes = this.#question.maxBytes + entries * (this.#question.maxBytesPerEntry ?? 0);
      const maxBytes = Math.min(answerLimits.longestBytes, wholeBytes);
      const poll = this.#polls.get(pod.uid);
      if (poll) Object.assign(poll, { pod, maxBytes });
      else this.#polls.set(pod.uid, { owner, pod, maxBytes, wrongAnswers: 0, pausedUntilMs: 0 });
      this.#schedule.want(pod.uid, { everyMs: everySeconds * 1000, isUrgent });
    }
  }

  /** Asks nobody any more; answers that are under way are dropped. */
  async close(): Promise<void> {
    for (const uid of [...this.#polls.keys()]) this.#forget(uid);
    this.#uidsOf.clear();
    await this.#agent.destroy();
  }

  #forget(uid: string): void {
    const poll = this.#polls.get(uid);
    if (poll) this.#budget.leave(namespaceOf(poll), uid);
    this.#schedule.forget(uid);
    this.#polls.delete(uid);
    this.#readings.delete(uid);
    this.#silences.delete(uid);
  }

  #isWanted(poll: Poll): boolean {
    return this.#polls.get(poll.pod.uid) === poll;
  }

  /** Never throws: a pod that does not answer is normal (starting, ending, unreachable), and is remembered as silent. */
  async #look(uid: string): Promise<void> {
    const poll = this.#polls.get(uid);
    if (!poll || !this.#mayAsk(poll)) return;
    try {
      const report = await this.#ask(poll);
      if (!this.#isWanted(poll)) return;
      Object.assign(poll, { wrongAnswers: 0, pausedUntilMs: 0 });
      const before = this.#readings.get(uid)?.report;
      this.#readings.set(uid, { podUid: uid, report, at: Date.now() });
      this.#silences.delete(uid);
      const text = JSON.stringify(report);
      if (poll.text !== text) this.#onReading(poll.owner, { before, report });
      poll.text = text;
    } catch (error) {
      if (!this.#isWanted(poll)) return;
      const since = this.#silences.get(uid)?.since ?? Date.now();
      const isAnswering = error instanceof WrongAnswer;
      if (isAnswering) this.#leaveAlone(poll);
      this.#silences.set(uid, { podUid: uid, since, problem: problemOf(error), isAnswering });
    }
  }

  #mayAsk(poll: Poll): boolean {
    const nowMs = systemClock.monotonicMs();
    return nowMs >= poll.pausedUntilMs && this.#budget.mayAsk(namespaceOf(poll), poll.pod.uid, nowMs);
  }

  /** Whom nobody hears costs nothing and may be there in a moment; what is read for nothing does cost. */
  #leaveAlone(poll: Poll): void {
    poll.wrongAnswers += 1;
    poll.pausedUntilMs = systemClock.monotonicMs() + pauseAfterWrongAnswers(poll.wrongAnswers);
  }

  /** @throws WrongAnswer when the pod answers something else, and other errors when it does not answer in time. */
  async #ask(poll: Poll): Promise<Report> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      return await this.#read(poll, abort.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(poll: Poll, signal: AbortSignal): Promise<Report> {
    const { pod, maxBytes } = poll;
    const host = pod.ip.includes(':') ? `[${pod.ip}]` : pod.ip;
    const { statusCode, body } = await this.#agent.request({
      origin: `http://${host}:${this.#question.port}`,
      path: this.#question.path,
      method: 'GET',
      signal,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      this.#budget.spend(namespaceOf(poll), chunk.length, systemClock.monotonicMs());
      if (bytes > maxBytes) throw new WrongAnswer(`the answer is longer than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    if (statusCode !== 200) throw new WrongAnswer(`HTTP status ${statusCode}`);
    const report = await this.#question.parse(Buffer.concat(chunks).toString('utf8'));
    if (report === undefined) throw new WrongAnswer('the answer cannot be read');
    return report;
  }
}
