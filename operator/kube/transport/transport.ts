// Carries requests to one apiserver: few pooled connections, a deadline for each, typed errors, one retry after 401.
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import type { ClusterAccess } from '../access/cluster-access.ts';
import { type Clock, systemClock } from '../clock.ts';
import { ApiError, FencedError, NetworkError } from '../errors.ts';
import { type Instruments, noInstruments } from '../instruments.ts';
import { Cut } from './cut.ts';
import { fence } from './fence.ts';
import { readRefusal } from './refusal.ts';
import { wireJson } from './wire-json.ts';

/** How long a request may take until its whole answer is here, in milliseconds; for `watch` until its headers are. */
export const DEADLINES_MS = { lease: 3_000, read: 10_000, write: 10_000, list: 60_000, watch: 30_000 } as const;

/** Kind of request, which decides its deadline. */
export type Deadline = keyof typeof DEADLINES_MS;

/** One request; `path` is absolute, `body` is sent as JSON that YAML reads alike. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly deadline: Deadline;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: object | undefined;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the length of an answer, in characters. */
  readonly onLength?: ((characters: number) => void) | undefined;
}

/** A connection to one apiserver. */
export interface Transport {
  /** @throws ApiError, NetworkError, FencedError. Resolves to the parsed answer. */
  request(request: TransportRequest): Promise<unknown>;
  /** Opens a stream that ends with the server, or throws NetworkError when it breaks or `signal` aborts. */
  stream(request: TransportRequest): Promise<AsyncIterable<Buffer>>;
  /** Ends every request and closes every connection; later calls throw. */
  close(): Promise<void>;
}

/** Settings of a transport. */
export interface TransportOptions {
  /** Names this program to the apiserver's audit log and flow control. */
  readonly userAgent: string;
  /** Connections for everything but watches, which have one each; 4 when absent. */
  readonly connections?: number | undefined;
  readonly deadlinesMs?: Readonly<Partial<Record<Deadline, number>>> | undefined;
  /** Asked in the moment in which a write goes to its connection; false makes it throw FencedError. */
  readonly mayWrite?: (() => boolean) | undefined;
  readonly clock?: Clock | undefined;
  readonly instruments?: Instruments | undefined;
}

const IDLE_CONNECTION_MS = 60_000;

/** Opens a transport; no connection is made before the first request. */
export function createTransport(access: ClusterAccess, options: TransportOptions): Transport {
  return new PooledTransport(access, options);
}

class PooledTransport implements Transport {
  readonly #access: ClusterAccess;
  readonly #options: TransportOptions;
  readonly #clock: Clock;
  readonly #instruments: Instruments;
  readonly #calls: Dispatcher;
  readonly #watches: Dispatcher;

  constructor(access: ClusterAccess, options: TransportOptions) {
    this.#access = access;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#instruments = options.instruments ?? noInstruments;
    this.#calls = createPool(access, options.connections ?? 4).compose(fence(options.mayWrite ?? (() => true)));
    this.#watches = createPool(access, null);
  }

  async request(wanted: TransportRequest): Promise<unknown> {
    const startedMs = this.#clock.monotonicMs();
    const cut = this.#cutAfterDeadline(wanted);
    try {
      const response = await this.#send(wanted, this.#calls, cut.signal);
      const text = await response.body.text();
      wanted.onLength?.(text.length);
      return parseBody(text, wanted);
    } catch (error) {
      throw cut.explain(error);
    } finally {
      cut.release();
      const seconds = (this.#clock.monotonicMs() - startedMs) / 1000;
      this.#instruments.observe('rest_client_request_duration_seconds', seconds, { method: wanted.method });
    }
  }

  async stream(wanted: TransportRequest): Promise<AsyncIterable<Buffer>> {
    const cut = this.#cutAfterDeadline(wanted);
    try {
      const response = await this.#send(wanted, this.#watches, cut.signal);
      cut.withdrawDeadline();
      return readStream(response.body, cut);
    } catch (error) {
      cut.release();
      throw cut.explain(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#watches.destroy()]);
  }

  #cutAfterDeadline(wanted: TransportRequest): Cut {
    const ms = this.#options.deadlinesMs?.[wanted.deadline] ?? DEADLINES_MS[wanted.deadline];
    return new Cut(nameOf(wanted), { ms, clock: this.#clock, caller: wanted.signal });
  }

  /** Sends once, and once more with fresh credentials after 401; anything but success is thrown. */
  async #send(wanted: TransportRequest, pool: Dispatcher, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let response = await this.#attempt(wanted, { pool, signal, fresh: false });
    if (response.statusCode === 401) {
      await response.body.dump();
      response = await this.#attempt(wanted, { pool, signal, fresh: true });
    }
    if (response.statusCode < 300) return response;
    const { statusCode: status, headers, body } = response;
    const answer = { status, text: await body.text(), retryAfter: headers['retry-after'] };
    throw new ApiError(readRefusal(nameOf(wanted), answer));
  }

  /** Counts as client-go does: `<error>` for a request that has no answer. */
  async #attempt(wanted: TransportRequest, how: Attempt): Promise<Dispatcher.ResponseData> {
    const count = (code: string) =>
      this.#instruments.count('rest_client_requests_total', { code, method: wanted.method });
    try {
      const response = await this.#ask(wanted, how);
      count(String(response.statusCode));
      return response;
    } catch (error) {
      if (!(error instanceof FencedError)) count('<error>');
      throw error;
    }
  }

  async #ask(wanted: TransportRequest, how: Attempt): Promise<Dispatcher.ResponseData> {
    const credentials = await this.#access.headers(how.fresh);
    return request(targetUrl(this.#access.server, wanted), {
      dispatcher: how.pool,
      method: wanted.method,
      headers: { ...requestHeaders(wanted), 'User-Agent': this.#options.userAgent, ...credentials },
      body: wanted.body === undefined ? null : wireJson(wanted.body),
      signal: how.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}

interface Attempt {
  readonly pool: Dispatcher;
  readonly signal: AbortSignal;
  readonly fresh: boolean;
}

async function* readStream(body: AsyncIterable<Buffer>, cut: Cut): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw cut.explain(error);
  } finally {
    cut.release();
  }
}

/**
 * HTTP/1.1 only: there a request that is cut takes its connection with it, and the next one opens a new one. Over
 * HTTP/2 all requests would share a connection that may be half open, and stay on it.
 */
function createPool(access: ClusterAccess, connections: number | null): Dispatcher {
  const idle = { keepAliveTimeout: IDLE_CONNECTION_MS, keepAliveMaxTimeout: IDLE_CONNECTION_MS };
  const pool = { ...idle, connections, allowH2: false };
  const tls = { ...access.tls, keepAlive: true, keepAliveInitialDelay: 30_000 };
  if (access.proxyUrl === undefined) return new Agent({ ...pool, connect: tls });
  if (!/^https?:/.test(access.proxyUrl)) {
    throw new Error(`kubeconfig: proxy-url ${access.proxyUrl} is not supported; use an http:// or https:// proxy`);
  }
  return new ProxyAgent({ ...pool, uri: access.proxyUrl, requestTls: { ...access.tls, ALPNProtocols: ['http/1.1'] } });
}

function nameOf(wanted: TransportRequest): string {
  return `${wanted.method} ${wanted.path}`;
}

function targetUrl(server: string, wanted: TransportRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  if (wanted.body !== undefined && wanted.method !== 'DELETE') query.set('fieldValidation', 'Strict');
  const search = query.toString();
  return `${server}${wanted.path}${search === '' ? '' : `?${search}`}`;
}

function requestHeaders(wanted: TransportRequest): Record<string, string> {
  const accept = { Accept: wanted.accept ?? 'application/json' };
  if (wanted.body === undefined) return accept;
  return { ...accept, 'Content-Type': wanted.contentType ?? 'application/json' };
}

function parseBody(text: string, wanted: TransportRequest): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NetworkError(`${nameOf(wanted)}: the answer is not JSON`, { cause });
  }
}
