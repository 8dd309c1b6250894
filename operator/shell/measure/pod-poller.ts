// Takes measurements from pods that a plan asked for: one HTTP GET per pod and interval, small, bounded, never trusted
// beyond what the parser makes of it. The newest reading of each pod is kept; an unreachable pod only lets it age.
import { Agent } from 'undici';
import type { Instant, PodTarget } from '../../core/plan.ts';

/** The newest answer of a pod. */
export type Reading<Report> = { readonly podUid: string; readonly report: Report; readonly at: Instant };

export type PodQuestion<Report> = {
  readonly port: number;
  readonly path: string;
  /** Largest body that is read, in bytes. */
  readonly maxBytes: number;
  /** @returns undefined for a body that says nothing. */
  parse(body: string): Report | undefined;
};

export type PollRequest = { readonly pod: PodTarget; readonly everySeconds: number };

type Poll = { owner: string; pod: PodTarget; everyMs: number; timer: NodeJS.Timeout | undefined };

const timeoutMs = 2_000;

/** Polls the pods of many owners; `onReading(owner)` is called when a reading differs from the one before. */
export class PodPoller<Report> {
  readonly #question: PodQuestion<Report>;
  readonly #onReading: (owner: string) => void;
  readonly #polls = new Map<string, Poll>();
  readonly #readings = new Map<string, Reading<Report>>();
  readonly #agent = new Agent({
    connections: 1,
    keepAliveTimeout: 10_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  constructor(question: PodQuestion<Report>, onReading: (owner: string) => void) {
    this.#question = question;
    this.#onReading = onReading;
  }

  reading(podUid: string): Reading<Report> | undefined {
    return this.#readings.get(podUid);
  }

  /** Makes `requests` the whole set of pods that are polled for `owner`. */
  want(owner: string, requests: readonly PollRequest[]): void {
    const wanted = new Set(requests.map(({ pod }) => pod.uid));
    for (const [uid, poll] of this.#polls) {
      if (poll.owner === owner && !wanted.has(uid)) this.#forget(uid, poll);
    }
    for (const { pod, everySeconds } of requests) {
      const poll = this.#polls.get(pod.uid);
      if (poll) Object.assign(poll, { pod, everyMs: everySeconds * 1000 });
      else this.#start({ owner, pod, everyMs: everySeconds * 1000, timer: undefined });
    }
  }

  async close(): Promise<void> {
    for (const [uid, poll] of this.#polls) this.#forget(uid, poll);
    await this.#agent.destroy();
  }

  #forget(uid: string, poll: Poll): void {
    clearTimeout(poll.timer);
    this.#polls.delete(uid);
    this.#readings.delete(uid);
  }

  #start(poll: Poll): void {
    this.#polls.set(poll.pod.uid, poll);
    const look = async () => {
      await this.#look(poll);
      if (this.#polls.get(poll.pod.uid) === poll) poll.timer = setTimeout(() => void look(), poll.everyMs);
    };
    void look();
  }

  /** A pod that does not answer is normal (starting, ending, unreachable): the reading just grows old. */
  async #look(poll: Poll): Promise<void> {
    const report = await this.#ask(poll.pod).catch(() => undefined);
    if (report === undefined || this.#polls.get(poll.pod.uid) !== poll) return;
    const before = this.#readings.get(poll.pod.uid);
    this.#readings.set(poll.pod.uid, { podUid: poll.pod.uid, report, at: Date.now() });
    if (JSON.stringify(before?.report) !== JSON.stringify(report)) this.#onReading(poll.owner);
  }

  async #ask(pod: PodTarget): Promise<Report | undefined> {
    const host = pod.ip.includes(':') ? `[${pod.ip}]` : pod.ip;
    const { statusCode, body } = await this.#agent.request({
      origin: `http://${host}:${this.#question.port}`,
      path: this.#question.path,
      method: 'GET',
      signal: AbortSignal.timeout(timeoutMs),
    });
    let text = '';
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > this.#question.maxBytes) throw new RangeError(`pod ${pod.name} answered with too many bytes`);
    }
    return statusCode === 200 ? this.#question.parse(text) : undefined;
  }
}
