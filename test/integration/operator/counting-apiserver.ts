// An apiserver that takes every write of a status, notes when it came, and shows it in the cache as a watch would.

import type { Store } from '@sluice/operator/kube/cache/store.ts';
import { isRecord, type KubeObject, keyOf, type Stored } from '@sluice/operator/kube/objects.ts';
import type { Transport, TransportRequest } from '@sluice/operator/kube/transport/transport.ts';

/** One write of a status. */
export type StatusWrite = { readonly key: string; readonly atMs: number };

/** Serves one kind, out of its cache. */
export class CountingApiserver implements Transport {
  readonly writes: StatusWrite[] = [];
  /** Keys whose status was ever written. */
  readonly written = new Set<string>();
  readonly #store: Store<KubeObject>;
  #version = 0;

  constructor(store: Store<KubeObject>) {
    this.#store = store;
  }

  async request({ method, path, body }: TransportRequest): Promise<unknown> {
    const sent = JSON.parse(JSON.stringify(body ?? {})) as Stored;
    if (method !== 'PATCH' || !path.endsWith('/status')) return sent;
    const key = keyOf(sent);
    this.writes.push({ key, atMs: performance.now() });
    this.written.add(key);
    this.#version += 1;
    const known = this.#store.get(key);
    if (known === undefined || !isRecord(sent)) throw new Error(`no ${key}`);
    const metadata = { ...known.metadata, resourceVersion: String(this.#version) };
    const written = { ...known, metadata, ...{ status: sent['status'] } };
    setImmediate(() => this.#store.upsert(written));
    return written;
  }

  stream(): Promise<AsyncIterable<Buffer>> {
    return Promise.reject(new Error('nothing is watched here'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
