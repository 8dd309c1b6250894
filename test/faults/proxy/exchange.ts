// Carries one request through the proxy and lets befall it what the rules say.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ApiRequest, field, parseJson } from './api-request.ts';
import { editedWatch } from './edited-watch.ts';
import type { Freeze, Link } from './link.ts';
import { isWrite, type RecordedRequest, type Recorder } from './record.ts';
import type { Fault, RuleBook } from './rules.ts';
import { passedOn, readAll, type Upstream } from './upstream.ts';

/** What all requests of a proxy share. */
export interface Surroundings {
  readonly rules: RuleBook;
  readonly recorder: Recorder;
  readonly upstream: Upstream;
  readonly link: Link;
  readonly freezes: ReadonlySet<Freeze>;
}

/** The wire to the client: what is said on it is counted, and it can end in each of the ways in which wires end. */
interface Arrival {
  readonly request: ApiRequest;
  readonly outgoing: ServerResponse;
  /** Number of the client's connection. */
  readonly connection: number;
}

/** A fault after which nothing of the request is forwarded. */
type EarlyEnd = Extract<Fault, { kind: 'refuse' | 'reset' | 'hang' }>;
type AnswerFault = Extract<Fault, { kind: 'dropResponse' | 'cut' | 'silence' }>;

/** One request under way. A test may end or falsify its answer from outside. */
export class Exchange {
  readonly request: ApiRequest;
  readonly #around: Surroundings;
  readonly #outgoing: ServerResponse;
  readonly #faults: readonly Fault[];
  readonly #entry: RecordedRequest;
  readonly #gone = new AbortController();
  #isSilent = false;

  constructor(around: Surroundings, { request, outgoing, connection }: Arrival) {
    this.request = request;
    this.#around = around;
    this.#outgoing = outgoing;
    this.#faults = around.rules.faultsFor(request);
    const kinds = this.#faults.map(({ kind }) => kind);
    this.#entry = around.recorder.arrived(request, connection, kinds);
    outgoing.once('close', () => {
      this.#gone.abort();
      around.recorder.ended(this.#entry, outgoing.writableFinished ? 'answered' : 'broken');
    });
  }

  /** Whether the head of the answer has been passed on, as it has for every open watch. */
  get isAnswering(): boolean {
    return this.#outgoing.headersSent && !this.#gone.signal.aborted;
  }

  /** Ends the answer as if it were complete. */
  close(): void {
    this.#outgoing.end();
    this.#gone.abort();
  }

  /** Resets the client's connection. */
  reset(): void {
    const { socket } = this.#outgoing;
    if (socket === null) this.#outgoing.destroy();
    else resetConnection(socket);
  }

  /** Stops the answer for good; the connection stays. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Says something that the apiserver did not say. */
  send(text: string): void {
    this.#pass(Buffer.from(text));
  }

  /** Runs to its end. It never throws: what goes wrong, the client sees as a reset. */
  async run(): Promise<void> {
    try {
      for (const fault of this.#faults) if (fault.kind === 'delay') await this.#delay(fault.ms);
      await this.#around.link.passable();
      const early = this.#faults.find((fault): fault is EarlyEnd => ['refuse', 'reset', 'hang'].includes(fault.kind));
      if (early !== undefined) this.#endEarly(early);
      else if (await this.#mayForward()) await this.#forward();
    } catch (error) {
      if (!this.#gone.signal.aborted) this.#around.recorder.ended(this.#entry, 'unreachable', error);
      this.reset();
    }
  }

  async #delay(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#gone.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #endEarly(fault: EarlyEnd): void {
    if (fault.kind === 'reset') this.reset();
    if (fault.kind !== 'refuse') return;
    const { status, reason = REASONS[status] ?? '', retryAfterSeconds } = fault;
    const message = `the fault proxy refuses to ${this.request.verb} ${this.request.resource} ${this.request.name}`;
    this.#entry.status = status;
    this.#outgoing.writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    });
    const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: status };
    this.#pass(Buffer.from(JSON.stringify(body)));
    this.#outgoing.end();
  }

  /** A client that has gone while its request was kept back has not made it. */
  async #mayForward(): Promise<boolean> {
    for (const fault of this.#faults) {
      if (fault.kind !== 'hook' || (await fault.beforeForward?.(this.request)) !== 'discard') continue;
      this.reset();
      return false;
    }
    return !this.#gone.signal.aborted;
  }

  /** A write that was forwarded is carried out, even if its client has gone: nobody can call it back. */
  async #forward(): Promise<void> {
    const { upstream, freezes, link } = this.#around;
    const freeze = [...freezes].find((each) => each.concerns(this.request));
    this.#entry.forwarded = true;
    const path = freeze?.frozenPath(this.request) ?? this.request.path;
    const isFinal = isWrite(this.request);
    const answer = await upstream.send(this.request, path, isFinal ? undefined : this.#gone.signal);
    this.#entry.status = answer.statusCode ?? 0;
    const body = isFinal ? await this.#committed(answer) : answer;
    const fault = this.#faults.find((each): each is AnswerFault =>
      ['dropResponse', 'cut', 'silence'].includes(each.kind),
    );
    if (fault?.kind === 'dropResponse' || !(await this.#mayAnswer())) {
      this.reset();
      return;
    }
    await link.passable();
    this.#outgoing.writeHead(this.#entry.status, passedOn(answer.headers));
    this.#outgoing.flushHeaders();
    await this.#answer(body, fault);
  }

  async #committed(answer: IncomingMessage): Promise<Buffer[]> {
    const body = await readAll(answer);
    const version = field(field(parseJson(body), 'metadata'), 'resourceVersion');
    if (typeof version === 'string') this.#entry.resourceVersion = version;
    return [Buffer.from(body)];
  }

  async #mayAnswer(): Promise<boolean> {
    let isPassed = true;
    for (const fault of this.#faults) {
      if (fault.kind !== 'hook') continue;
      if ((await fault.afterCommit?.(this.request, this.#entry.status)) === 'discard') isPassed = false;
    }
    return isPassed;
  }

  async #answer(body: AsyncIterable<Buffer> | Iterable<Buffer>, fault: AnswerFault | undefined): Promise<void> {
    const chunks = this.request.verb === 'watch' ? editedWatch(body, this.#edits()) : body;
    for await (const chunk of chunks) {
      await this.#around.link.passable();
      if (this.#isSilent) continue;
      const allowed =
        fault === undefined || fault.kind === 'dropResponse' ? chunk.length : fault.afterBytes - this.#entry.bytes;
      if (!this.#pass(chunk.subarray(0, allowed))) await once(this.#outgoing, 'drain', { signal: this.#gone.signal });
      if (allowed > chunk.length || fault === undefined) continue;
      if (fault.kind === 'silence') this.#isSilent = true;
      else if (fault.kind === 'cut') return fault.how === 'reset' ? this.reset() : this.close();
    }
    if (!this.#isSilent) this.#outgoing.end();
  }

  #edits(): Parameters<typeof editedWatch>[1] {
    const { rules, freezes } = this.#around;
    const frozen = (): Freeze[] => [...freezes].filter((each) => each.concerns(this.request));
    return {
      isEdited: () => rules.editsStream(this.request) || frozen().length > 0,
      passable: async (event) => {
        for (const each of frozen()) await each.passable(event);
      },
      editFor: (event) => rules.editFor(this.request, event),
    };
  }

  /** False when the client reads more slowly than the apiserver writes. */
  #pass(chunk: Buffer): boolean {
    this.#entry.bytes += chunk.length;
    return this.#outgoing.write(chunk);
  }
}

/** Resets a connection. One whose end has begun cannot be reset: its handle would stay, and the process with it. */
export function resetConnection(socket: Socket): void {
  if (socket.writableEnded || socket.readableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Reasons that the apiserver gives with these statuses. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};
