// An apiserver of a few lines in memory: objects by path, resource versions, conflicts. For tests of what talks to it.
import { ApiError, NetworkError } from '../errors.ts';
import { isRecord } from '../objects.ts';
import type { Transport, TransportRequest } from '../transport/transport.ts';

/** Stores whole objects; it neither validates nor merges. */
export class MemoryTransport implements Transport {
  readonly objects = new Map<string, Record<string, unknown>>();
  readonly requests: TransportRequest[] = [];
  /** While set, every request fails as if the network were down. */
  isDown = false;
  /** Called once, after the next write was carried out; what it throws is what the caller gets instead of the answer. */
  afterWrite: (() => void) | undefined;
  /** Asked of each write; the error that it returns is the answer. */
  refuse: ((wanted: TransportRequest) => Error | undefined) | undefined;
  #version = 0;

  request(wanted: TransportRequest): Promise<unknown> {
    this.requests.push(wanted);
    if (this.isDown) return Promise.reject(new NetworkError('down'));
    const refusal = wanted.method === 'GET' ? undefined : this.refuse?.(wanted);
    if (refusal) return Promise.reject(refusal);
    try {
      const answer = structuredClone(this.#answer(wanted));
      if (wanted.method !== 'GET') this.#told();
      return Promise.resolve(answer);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  stream(): Promise<AsyncIterable<Buffer>> {
    return Promise.reject(new NetworkError('no streams here'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Requests that change something. */
  writes(): TransportRequest[] {
    return this.requests.filter((each) => each.method !== 'GET');
  }

  #told(): void {
    const { afterWrite } = this;
    this.afterWrite = undefined;
    afterWrite?.();
  }

  #answer(wanted: TransportRequest): Record<string, unknown> {
    const body: Record<string, unknown> = { ...wanted.body };
    switch (wanted.method) {
      case 'GET':
        return this.#known(wanted.path);
      case 'POST':
        return this.#create(`${wanted.path}/${String(metadataOf(body)['name'])}`, body);
      case 'PUT':
        if (metadataOf(this.#known(wanted.path))['resourceVersion'] !== metadataOf(body)['resourceVersion']) {
          throw new ApiError({ status: 409, reason: 'Conflict', message: 'the object has been modified' });
        }
        return this.#store(wanted.path, body);
      case 'PATCH':
        return this.#store(wanted.path, { ...this.objects.get(wanted.path), ...body });
      case 'DELETE':
        this.#known(wanted.path);
        this.objects.delete(wanted.path);
        return { kind: 'Status' };
    }
  }

  #known(path: string): Record<string, unknown> {
    const object = this.objects.get(path);
    if (object === undefined) throw new ApiError({ status: 404, reason: 'NotFound', message: `${path} not found` });
    return object;
  }

  #create(path: string, body: Record<string, unknown>): Record<string, unknown> {
    if (this.objects.has(path)) {
      throw new ApiError({ status: 409, reason: 'AlreadyExists', message: `${path} already exists` });
    }
    return this.#store(path, body);
  }

  #store(path: string, body: Record<string, unknown>): Record<string, unknown> {
    this.#version += 1;
    const known = this.objects.get(path);
    const uid = known === undefined ? `uid-${this.#version}` : metadataOf(known)['uid'];
    const metadata = { ...metadataOf(body), uid, resourceVersion: String(this.#version) };
    const stored = { ...body, metadata };
    this.objects.set(path, stored);
    return stored;
  }
}

function metadataOf(object: Record<string, unknown>): Record<string, unknown> {
  return isRecord(object['metadata']) ? object['metadata'] : {};
}
