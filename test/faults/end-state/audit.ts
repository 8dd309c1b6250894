// Counts, by the apiserver's audit log, how many objects of each kind came into being and how many were deleted.
import { type FileHandle, open } from 'node:fs/promises';
import type { AuditEvent } from '../../audit-event.ts';
import { auditName, kindsOfEndState } from './kinds.ts';

/** By kind, as `jobs.batch`. */
export interface Comings {
  readonly created: Readonly<Record<string, number>>;
  readonly deleted: Readonly<Record<string, number>>;
}

/** A pod is deleted twice, once by who wants it gone and once by its node: names tell that it is one. */
type Tally = { readonly created: Map<string, number>; readonly deleted: Map<string, Set<string>> };

const counted = new Set(kindsOfEndState.map(auditName));
/** What each namespace is given by the control plane. */
const given = new Set(['kube-root-ca.crt']);

/** Follows one log; what was read is not read again. */
export class AuditTally {
  readonly #path: string;
  readonly #tallies = new Map<string, Tally>();
  #position = 0;
  #rest = '';
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** What has come and gone in a namespace so far. */
  async of(namespace: string): Promise<Comings> {
    this.#reading = this.#reading.then(() => this.#readOn());
    await this.#reading;
    const { created, deleted } = this.#tallies.get(namespace) ?? { created: new Map(), deleted: new Map() };
    const sizes = new Map([...deleted].map(([kind, names]) => [kind, names.size]));
    return { created: sorted(created), deleted: sorted(sizes) };
  }

  async #readOn(): Promise<void> {
    const file = await open(this.#path);
    try {
      await this.#take(file);
    } finally {
      await file.close();
    }
  }

  /** A log that has become shorter was put aside, and a new one begun. */
  async #take(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    if (size < this.#position) this.#position = 0;
    const buffer = Buffer.alloc(size - this.#position);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#position);
    this.#position += bytesRead;
    const lines = (this.#rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#count(JSON.parse(line) as AuditEvent);
  }

  #count({ verb, responseStatus, objectRef }: AuditEvent): void {
    const { resource = '', apiGroup = '', subresource, name = '', namespace = '' } = objectRef ?? {};
    const kind = auditName({ group: apiGroup, plural: resource });
    const code = responseStatus?.code ?? 0;
    if (subresource !== undefined || !counted.has(kind) || given.has(name)) return;
    const tally = this.#tallies.get(namespace) ?? { created: new Map(), deleted: new Map() };
    this.#tallies.set(namespace, tally);
    if (code === 201) tally.created.set(kind, (tally.created.get(kind) ?? 0) + 1);
    else if (verb === 'delete' && code < 300) {
      tally.deleted.set(kind, (tally.deleted.get(kind) ?? new Set()).add(name));
    }
  }
}

const sorted = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
