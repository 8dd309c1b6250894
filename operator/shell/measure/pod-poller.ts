// Takes measurements from pods that a plan asked for: one HTTP GET per pod and interval, small, bounded, never trusted
// beyond what the parser makes of it. The newest reading of each pod is kept; an unreachable pod only lets it age.
import { Agent } from 'undici';
import type { Instant, PodTarget } from '../../core/plan.ts';
import { TokenBucket } from '../../kube/backoff.ts';

/** The newest answer of a pod. */
export type Reading<Report> = { readonly podUid: string; readonly report: Report; readonly at: Instant };

/** A pod that does not answer: since when, and why the last time. */
export type Silence = { readonly podUid: string; readonly since: Instant; readonly problem: string };

export type PodQuestion<Report> = {
  readonly port: number;
  readonly path: string;
  /** Largest body that is read, in bytes. */
  readonly maxBytes: number;
  /** @returns undefined for a body that says nothing. */
  parse(body: string): Report | undefined;
  /** What of a report is worth telling when it differs from the one before; everything when absent. */
  news?(report: Report): unknown;
};

export type PollRequest = { readonly pod: PodTarget; readonly everySeconds: number };

type Poll = {
  readonly owner: string;
  pod: PodTarget;
  everyMs: number;
  /** Of the next look; undefined while one is under way. */
  timer: NodeJS.Timeout | undefined;
  /** When the last look ended. */
  lookedAt: number;
};

/** From the question to the last byte of the answer. */
const timeoutMs = 2_000;
/**
 * Over all pods of a question; those of a new leader are not asked all at once. With more pods than this allows each is
 * asked less often than wished: 2,000 pods every 15 seconds.
 */
const pace = { perSecond: 134, burst: 20 };

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
  readonly #pace = new TokenBucket(pace);
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
  }

  reading(podUid: string): Reading<Report> | undefined {
    return this.#readings.get(podUid);
  }

  /** Undefined while the pod answers, is not asked, or has not had the time to answer. */
  silence(podUid: string): Silence | undefined {
    return this.#silences.get(podUid);
  }

  /** Makes `requests` the whole set of pods that are polled for `owner`. */
  want(owner: string, requests: readonly PollRequest[]): void {
    const wanted = new Set(requests.map(({ pod }) => pod.uid));
    for (const uid of this.#uidsOf.get(owner) ?? []) {
      if (!wanted.has(uid)) this.#forget(uid);
    }
    if (wanted.size > 0) this.#uidsOf.set(owner, wanted);
    else this.#uidsOf.delete(owner);
    for (const { pod, everySeconds } of requests) {
      const poll = this.#polls.get(pod.uid);
      if (poll) this.#change(poll, pod, everySeconds * 1000);
      else this.#start({ owner, pod, everyMs: everySeconds * 1000, timer: undefined, lookedAt: 0 });
    }
  }

  /** Asks nobody any more; answers that are under way are dropped. */
  async close(): Promise<void> {
    for (const uid of [...this.#polls.keys()]) this.#forget(uid);
    this.#uidsOf.clear();
    await this.#agent.destroy();
  }

  #forget(uid: string): void {
    clearTimeout(this.#polls.get(uid)?.timer);
    this.#polls.delete(uid);
    this.#readings.delete(uid);
    this.#silences.delete(uid);
  }

  #start(poll: Poll): void {
    this.#polls.set(poll.pod.uid, poll);
    this.#takeTurn(poll);
  }

  /** What shall be asked more often is asked so from now on, not after the next answer. */
  #change(poll: Poll, pod: PodTarget, everyMs: number): void {
    const isHastened = everyMs < poll.everyMs;
    Object.assign(poll, { pod, everyMs });
    if (isHastened && poll.timer) this.#schedule(poll);
  }

  #schedule(poll: Poll): void {
    clearTimeout(poll.timer);
    const due = poll.lookedAt + poll.everyMs - performance.now();
    poll.timer = setTimeout(() => this.#takeTurn(poll), Math.max(0, due));
  }

  #takeTurn(poll: Poll): void {
    const waitMs = this.#pace.reserve(performance.now());
    if (waitMs > 0) poll.timer = setTimeout(() => void this.#lookAndGoOn(poll), waitMs);
    else void this.#lookAndGoOn(poll);
  }

  async #lookAndGoOn(poll: Poll): Promise<void> {
    poll.timer = undefined;
    await this.#look(poll);
    poll.lookedAt = performance.now();
    if (this.#isWanted(poll)) this.#schedule(poll);
  }

  #isNews(before: Report, report: Report): boolean {
    const news = (each: Report) => JSON.stringify(this.#question.news?.(each) ?? each);
    return news(before) !== news(report);
  }

  #isWanted(poll: Poll): boolean {
    return this.#polls.get(poll.pod.uid) === poll;
  }

  /** Never throws: a pod that does not answer is normal (starting, ending, unreachable), and is remembered as silent. */
  async #look(poll: Poll): Promise<void> {
    const { uid } = poll.pod;
    try {
      const report = await this.#ask(poll.pod);
      if (!this.#isWanted(poll)) return;
      const before = this.#readings.get(uid)?.report;
      this.#readings.set(uid, { podUid: uid, report, at: Date.now() });
      this.#silences.delete(uid);
      if (before === undefined || this.#isNews(before, report)) this.#onReading(poll.owner, { before, report });
    } catch (error) {
      if (!this.#isWanted(poll)) return;
      const since = this.#silences.get(uid)?.since ?? Date.now();
      this.#silences.set(uid, { podUid: uid, since, problem: problemOf(error) });
    }
  }

  /** @throws Error when the pod does not answer in time, or not what was asked. */
  async #ask(pod: PodTarget): Promise<Report> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      return await this.#read(pod, abort.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(pod: PodTarget, signal: AbortSignal): Promise<Report> {
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
      if (bytes > this.#question.maxBytes) throw new RangeError('the answer is too long');
      chunks.push(chunk);
    }
    if (statusCode !== 200) throw new Error(`HTTP status ${statusCode}`);
    const report = this.#question.parse(Buffer.concat(chunks).toString('utf8'));
    if (report === undefined) throw new Error('the answer cannot be read');
    return report;
  }
}
