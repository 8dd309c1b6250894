// The verbs of the Kubernetes API over a transport. Each is one request; none retries.

import { FIRST_PAGE, LARGEST_PAGE, nextPageSize } from './cache/page-size.ts';
import { decodeWatchLine, splitLines, type WatchEvent } from './cache/watch-lines.ts';
import { isNotFound, ShapeError } from './errors.ts';
import {
  decodeStored,
  isRecord,
  type KubeObject,
  type ObjectMeta,
  type ObjectName,
  type Resource,
  type Stored,
} from './objects.ts';
import { collectionPath, objectPath } from './resources.ts';
import type { Transport } from './transport/transport.ts';

/** What every call takes. `deadline: 'lease'` shortens the deadline to that of a lease renewal. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadline?: 'lease';
}

/** Which objects to list or watch; everything of the kind when nothing is given. */
export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Ask for metadata only: the objects then have neither spec nor status. */
  readonly metadataOnly?: boolean | undefined;
}

/** A list request; at most `limit` objects a page, fewer when they are large; 500 when absent. */
export interface ListOptions extends Selection, CallOptions {
  readonly limit?: number | undefined;
}

/** One page of a list; `resourceVersion` is that of the whole list and the same on each page. */
export interface Page<T extends KubeObject> {
  readonly items: Stored<T>[];
  readonly resourceVersion: string;
}

/** A watch from `resourceVersion` on, which the apiserver ends after `timeoutSeconds`. */
export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Called for every chunk that arrives, whole line or not. */
  readonly onBytes?: (() => void) | undefined;
}

/** What a delete must match, and what happens to dependants (Background when absent). */
export interface DeleteOptions extends CallOptions {
  readonly uid: string;
  readonly resourceVersion?: string | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

/** A status to be written; `uid` and `resourceVersion` in the metadata make it fail with 409 on any other object. */
export interface StatusWrite {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly status: object;
}

const APPLY_TYPE = 'application/apply-patch+yaml';

/** Typed verbs on one cluster, writing as one field manager. */
export class KubeClient {
  readonly fieldManager: string;
  readonly #transport: Transport;

  constructor(transport: Transport, options: { readonly fieldManager: string }) {
    this.#transport = transport;
    this.fieldManager = options.fieldManager;
  }

  /** Reads one object. @throws ApiError 404 when there is none. */
  async get<T extends KubeObject>(resource: Resource, name: ObjectName, options: CallOptions = {}): Promise<Stored<T>> {
    const path = objectPath(resource, name);
    const raw = await this.#transport.request({ method: 'GET', path, deadline: 'read', ...options });
    return decodeStored<T>(resource, raw);
  }

  /** Reads one object, or undefined when there is none. */
  async find<T extends KubeObject>(
    resource: Resource,
    name: ObjectName,
    options: CallOptions = {},
  ): Promise<Stored<T> | undefined> {
    try {
      return await this.get<T>(resource, name, options);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Reads a whole list into memory. */
  async list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<Page<T>> {
    const items: Stored<T>[] = [];
    let resourceVersion = '';
    for await (const page of this.pages<T>(resource, options)) {
      for (const item of page.items) items.push(item);
      resourceVersion = page.resourceVersion;
    }
    return { items, resourceVersion };
  }

  /** Reads a list page by page. @throws ApiError 410 when the list took too long and must begin again. */
  async *pages<T extends KubeObject>(resource: Resource, options: ListOptions = {}): AsyncGenerator<Page<T>> {
    const largest = options.limit ?? LARGEST_PAGE;
    let limit = Math.min(largest, FIRST_PAGE);
    let token: string | undefined;
    do {
      let characters = 0;
      const raw = await this.#transport.request({
        method: 'GET',
        path: collectionPath(resource, options.namespace),
        deadline: options.deadline ?? 'list',
        query: { ...selectionQuery(options), limit, continue: token },
        accept: options.metadataOnly ? partialType('PartialObjectMetadataList') : undefined,
        signal: options.signal,
        onLength: (length) => {
          characters = length;
        },
      });
      const page = decodePage<T>(resource, raw);
      yield page;
      token = page.next;
      limit = nextPageSize({ objects: page.items.length, characters }, largest);
    } while (token !== undefined);
  }

  /** Creates. @throws ApiError AlreadyExists. */
  async create<T extends KubeObject>(resource: Resource, object: T, options: CallOptions = {}): Promise<Stored<T>> {
    const path = collectionPath(resource, object.metadata.namespace);
    const query = { fieldManager: this.fieldManager };
    const raw = await this.#transport.request({
      method: 'POST',
      path,
      deadline: 'write',
      query,
      body: object,
      ...options,
    });
    return decodeStored<T>(resource, raw);
  }

  /** Writes the whole object. @throws ApiError Conflict unless it is still at `metadata.resourceVersion`. */
  async replace<T extends KubeObject>(resource: Resource, object: T, options: CallOptions = {}): Promise<Stored<T>> {
    if (object.metadata.resourceVersion === undefined) {
      throw new ShapeError(`${object.kind} ${object.metadata.name}: a replace needs the resourceVersion that was read`);
    }
    const path = objectPath(resource, object.metadata);
    const query = { fieldManager: this.fieldManager };
    const raw = await this.#transport.request({
      method: 'PUT',
      path,
      deadline: 'write',
      query,
      body: object,
      ...options,
    });
    return decodeStored<T>(resource, raw);
  }

  /**
   * Server-side apply: creates the object, or makes the fields given its own and drops those it owned before.
   * With `metadata.uid`, it fails with 409 unless that very object exists. `force` (the default) takes fields over.
   */
  async apply<T extends KubeObject>(
    resource: Resource,
    object: T,
    options: CallOptions & { readonly force?: boolean } = {},
  ): Promise<Stored<T>> {
    const { force = true, ...call } = options;
    return this.#patch<T>(resource, objectPath(resource, object.metadata), { body: object, force, ...call });
  }

  /** Server-side apply of the status subresource: the whole status, nothing else. */
  async applyStatus<T extends KubeObject>(
    resource: Resource,
    write: StatusWrite,
    options: CallOptions = {},
  ): Promise<Stored<T>> {
    const path = objectPath(resource, write.metadata, 'status');
    return this.#patch<T>(resource, path, { body: write, force: true, ...options });
  }

  /** Deletes the one object with this UID; that it is gone already is success. @throws ApiError Conflict. */
  async delete(resource: Resource, name: ObjectName, options: DeleteOptions): Promise<void> {
    const { uid, resourceVersion, propagation = 'Background', ...call } = options;
    const preconditions = resourceVersion === undefined ? { uid } : { uid, resourceVersion };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: propagation };
    const path = objectPath(resource, name);
    try {
      await this.#transport.request({ method: 'DELETE', path, deadline: 'write', body, ...call });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Streams changes after `resourceVersion`. @throws ApiError (410 when too old), NetworkError, ShapeError. */
  async *watch<T extends KubeObject>(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const { resourceVersion, timeoutSeconds } = options;
    const watching = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
    const chunks = await this.#transport.stream({
      method: 'GET',
      path: collectionPath(resource, options.namespace),
      deadline: 'watch',
      query: { ...selectionQuery(options), ...watching },
      accept: options.metadataOnly ? partialType('PartialObjectMetadata') : undefined,
      signal: options.signal,
    });
    for await (const line of splitLines(notice(chunks, options.onBytes))) yield decodeWatchLine<T>(resource, line);
  }

  async #patch<T extends KubeObject>(
    resource: Resource,
    path: string,
    write: CallOptions & { readonly body: object; readonly force: boolean },
  ): Promise<Stored<T>> {
    const { body, force, ...call } = write;
    const query = { fieldManager: this.fieldManager, force };
    const wanted = { method: 'PATCH', path, deadline: 'write', query, body, contentType: APPLY_TYPE } as const;
    return decodeStored<T>(resource, await this.#transport.request({ ...wanted, ...call }));
  }
}

function selectionQuery(selection: Selection): Record<string, string | undefined> {
  return { labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector };
}

function partialType(as: string): string {
  return `application/json;as=${as};g=meta.k8s.io;v=v1`;
}

function decodePage<T extends KubeObject>(resource: Resource, raw: unknown): Page<T> & { next: string | undefined } {
  const metadata = isRecord(raw) ? raw['metadata'] : undefined;
  const items = isRecord(raw) ? raw['items'] : undefined;
  if (!isRecord(metadata) || typeof metadata['resourceVersion'] !== 'string') {
    throw new ShapeError(`${resource.plural}: a list without a resourceVersion`);
  }
  const next = metadata['continue'];
  return {
    items: Array.isArray(items) ? items.map((item) => decodeStored<T>(resource, item)) : [],
    resourceVersion: metadata['resourceVersion'],
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

async function* notice(chunks: AsyncIterable<Buffer>, onBytes: (() => void) | undefined): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes?.();
    yield chunk;
  }
}
