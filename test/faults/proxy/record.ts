// Remembers every request that came to the proxy, and writes each as a line of JSON when it has ended.
import { appendFileSync } from 'node:fs';
import { type ApiRequest, type ApiTarget, WRITE_VERBS } from './api-request.ts';

/** One request. Its last fields are set when it has ended; a watch ends late. */
export interface RecordedRequest extends ApiTarget {
  /** From 1, in the order of arrival. */
  readonly id: number;
  /** When it had arrived as a whole, ISO 8601. */
  readonly at: string;
  readonly path: string;
  readonly userAgent: string;
  /** Which of the client's connections it came on, from 1. */
  readonly connection: number;
  /** Body of a write, if bodies are kept. */
  readonly requestBody?: string;
  /** Kinds of the faults that befell it. */
  readonly faults: readonly string[];
  /** Whether the apiserver got it. */
  forwarded: boolean;
  /** The apiserver's answer, or the proxy's; 0 while there is none. */
  status: number;
  /** Of the object that a write has left; with it, writes of different proxies can be put in the order of commits. */
  resourceVersion?: string;
  /** Of the body that went to the client. */
  bytes: number;
  /** Milliseconds from arrival to end; undefined until then. */
  ms?: number;
  /** How it ended: answered, answered not to the end, or the apiserver could not be reached. */
  end?: 'answered' | 'broken' | 'unreachable';
  /** What went wrong on the way to the apiserver. */
  problem?: string;
}

/** Where a request is noted. */
export interface RecordOptions {
  /** File to which a line of JSON is appended for each ended request. */
  readonly recordTo?: string | undefined;
  readonly keepBodies?: boolean | undefined;
}

/** All requests of one proxy. */
export class Recorder {
  readonly all: RecordedRequest[] = [];
  readonly #options: RecordOptions;
  readonly #startedMs = new WeakMap<RecordedRequest, number>();

  constructor(options: RecordOptions) {
    this.#options = options;
  }

  /** Notes a request that has arrived. */
  arrived(request: ApiRequest, connection: number, faults: readonly string[]): RecordedRequest {
    const { verb, group, resource, subresource, namespace, name, path, userAgent, body } = request;
    const entry: RecordedRequest = {
      id: this.all.length + 1,
      at: new Date().toISOString(),
      ...{ verb, group, resource, subresource, namespace, name, path, userAgent, connection, faults },
      ...(this.#options.keepBodies && isWrite(request) && { requestBody: body }),
      forwarded: false,
      status: 0,
      bytes: 0,
    };
    this.all.push(entry);
    this.#startedMs.set(entry, performance.now());
    return entry;
  }

  /** Notes how a request ended. */
  ended(entry: RecordedRequest, end: 'answered' | 'broken' | 'unreachable', error?: unknown): void {
    if (entry.end !== undefined) return;
    entry.end = end;
    if (error !== undefined) entry.problem = error instanceof Error ? error.message : String(error);
    entry.ms = Math.round(performance.now() - (this.#startedMs.get(entry) ?? 0));
    const { recordTo } = this.#options;
    if (recordTo !== undefined) appendFileSync(recordTo, `${JSON.stringify(entry)}\n`);
  }
}

/** Whether the request changes what is stored. */
export function isWrite({ verb }: ApiTarget): boolean {
  return WRITE_VERBS.includes(verb);
}

/** Whether the apiserver has carried it out; one that is still under way has not been. */
export function isAccepted({ status }: Pick<RecordedRequest, 'status'>): boolean {
  return status >= 200 && status < 300;
}
