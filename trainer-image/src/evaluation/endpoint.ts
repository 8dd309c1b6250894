// One side's endpoint over kept-alive connections: paced, timed, and asked again only when it was not reached or was busy.

import { codeOf } from '@sluice/model/error-code.ts';
import { type Dispatcher, request } from 'undici';
import type { Clock } from './clock.ts';
import { EndpointError, plain } from './failure.ts';
import type { Pacer } from './pacer.ts';

export type Side = 'candidate' | 'live';

/** Everything that talking to a side takes. */
export type EndpointOptions = {
  readonly side: Side;
  readonly url: string;
  readonly modelName: string;
  readonly dispatcher: Dispatcher;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** An answer, whatever its status, or that none came in time. */
export type Reply =
  | { readonly type: 'Answered'; readonly status: number; readonly text: string }
  | { readonly type: 'Unanswered'; readonly why: string };
type Unreached = { readonly type: 'Unreached'; readonly why: string; readonly retryAfterSeconds: number | undefined };

/** Six tries over 15 s: as long as a pod may take to be replaced by a ready one. */
const maxTries = 6;
const firstPauseMilliseconds = 500;
/** A server that asks for a longer pause is asked again after this one. */
const maxRetryAfterSeconds = 10;

/** Errors of a request that reached the server: it is not asked again, because it may be what keeps it busy. */
const unanswered: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer in time'],
  ['UND_ERR_BODY_TIMEOUT', 'no answer in time'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'the answer is too large'],
]);

/** Errors of a connection. Any other error is a defect. */
const connectionErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export class Endpoint {
  readonly side: Side;
  readonly #options: EndpointOptions;

  constructor(options: EndpointOptions) {
    this.side = options.side;
    this.#options = options;
  }

  /** The model's metadata as JSON text. Throws EndpointError when the side does not serve the model. */
  async describe(): Promise<string> {
    const reply = await this.#send('GET', '');
    if (reply.type === 'Answered' && reply.status === 200) return reply.text;
    const found = reply.type === 'Unanswered' ? reply.why : `status ${reply.status}`;
    throw new EndpointError(`endpoints.${this.side}: ${found} when it was asked for model ${this.#options.modelName}.`);
  }

  /** Sends one inference request. Throws EndpointError when the side cannot be reached or stays busy. */
  infer(body: string): Promise<Reply> {
    return this.#send('POST', '/infer', body);
  }

  async #send(method: 'GET' | 'POST', path: string, body?: string): Promise<Reply> {
    const { pacer, clock, signal } = this.#options;
    for (let tries = 1; ; tries++) {
      await pacer(signal);
      const outcome = await this.#try(method, path, body);
      if (outcome.type !== 'Unreached') return outcome;
      if (tries === maxTries) throw this.#unreachable(outcome);
      await clock.wait(pauseAfter(tries, outcome), signal);
    }
  }

  async #try(method: 'GET' | 'POST', path: string, body: string | undefined): Promise<Reply | Unreached> {
    const { url, modelName, dispatcher, signal } = this.#options;
    const target = new URL(`/v2/models/${encodeURIComponent(modelName)}${path}`, url);
    const content = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
    try {
      const answer = await request(target, { method, dispatcher, signal, ...content });
      const text = await answer.body.text();
      if (answer.statusCode !== 429 && answer.statusCode !== 503) {
        return { type: 'Answered', status: answer.statusCode, text };
      }
      const why = `status ${answer.statusCode}`;
      return { type: 'Unreached', why, retryAfterSeconds: readRetryAfter(answer.headers['retry-after']) };
    } catch (error) {
      if (signal.aborted) throw error;
      const code = codeOf(error);
      const why = unanswered.get(code);
      if (why !== undefined) return { type: 'Unanswered', why };
      if (connectionErrors.has(code)) return { type: 'Unreached', why: code, retryAfterSeconds: undefined };
      throw error;
    }
  }

  #unreachable({ why }: Unreached): EndpointError {
    const remedy = why.startsWith('status')
      ? 'raise server.replicas or server.resources'
      : 'look at the server pods of this revision';
    return new EndpointError(plain(`endpoints.${this.side}: ${why} in ${maxTries} tries; ${remedy}.`));
  }
}

/** Seconds only: the other form of the header, a date, needs clocks that agree. */
function readRetryAfter(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function pauseAfter(tries: number, { retryAfterSeconds }: Unreached): number {
  if (retryAfterSeconds !== undefined) return Math.min(retryAfterSeconds, maxRetryAfterSeconds) * 1000;
  return firstPauseMilliseconds * 2 ** (tries - 1);
}
