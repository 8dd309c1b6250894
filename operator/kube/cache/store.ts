// The cache of one kind: what the reflector last heard, found by key, namespace, owner or what else it is asked for, with
// changes told by UID.
import { controllerOf, type KubeObject, keyOf, type Stored } from '../objects.ts';

/** What happened to an object. One that was deleted and made anew in a gap is a deletion and an addition. */
export type Change<T extends KubeObject = KubeObject> =
  | { readonly type: 'added' | 'deleted'; readonly object: Stored<T> }
  | { readonly type: 'updated'; readonly object: Stored<T>; readonly previous: Stored<T> };

/** Told of each change, after the store shows it. It must only take note (enqueue a key) and never throw. */
export type ChangeListener<T extends KubeObject = KubeObject> = (change: Change<T>) => void;

/** An owner, as its objects name it. */
export type Owner = { readonly namespace?: string | undefined; readonly uid: string };

/** The apiserver has no such kind, or says that it may not be read. */
export type Missing = 'Absent' | 'Forbidden';

const ownerKey = ({ namespace = '', uid }: Owner) => `${namespace}/${uid}`;

/** Objects of one kind by key. Callers must not change what they get: it is the cache itself. */
export class Store<T extends KubeObject = KubeObject> {
  readonly #objects = new Map<string, Stored<T>>();
  readonly #byNamespace = new Index<T>((object) => [object.metadata.namespace ?? '']);
  readonly #byOwner = new Index<T>((object) => {
    const owner = controllerOf(object);
    return owner === undefined ? [] : [ownerKey({ namespace: object.metadata.namespace, uid: owner.uid })];
  });
  readonly #named: ReadonlyMap<string, Index<T>>;
  readonly #listeners = new Set<ChangeListener<T>>();
  readonly #waiting = new Set<() => void>();
  #synced = false;
  #missing: Missing | undefined;

  /** `indexes` names what else objects can be found by, and says which values of it an object has. */
  constructor(options: { readonly indexes?: Readonly<Record<string, (object: Stored<T>) => readonly string[]>> } = {}) {
    const indexes = Object.entries(options.indexes ?? {});
    this.#named = new Map(indexes.map(([name, valuesOf]) => [name, new Index(valuesOf)]));
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The object with this `namespace/name`, or `name` for cluster-scoped kinds. */
  get(key: string): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  all(): Stored<T>[] {
    return [...this.#objects.values()];
  }

  inNamespace(namespace: string): Stored<T>[] {
    return this.#byNamespace.find(namespace);
  }

  /** Objects of the owner's namespace that it controls: a reference never leads out of a namespace, whatever it says. */
  ownedBy(owner: Owner): Stored<T>[] {
    return this.#byOwner.find(ownerKey(owner));
  }

  /** Objects that have this value in the index `name`. @throws RangeError for an index that was not asked for. */
  indexed(name: string, value: string): Stored<T>[] {
    const index = this.#named.get(name);
    if (index === undefined) throw new RangeError(`the store has no index ${name}`);
    return index.find(value);
  }

  /** Why there is nothing to hold: the kind is not there, or may not be read. */
  get missing(): Missing | undefined {
    return this.#missing;
  }

  /** True once the first whole list is in. */
  hasSynced(): boolean {
    return this.#synced;
  }

  /** Resolves once the first whole list is in, or when `signal` aborts. */
  synced(signal?: AbortSignal): Promise<void> {
    if (this.#synced || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal?.addEventListener('abort', done);
    });
  }

  /** Calls `listener` for each later change, until the returned function is called. */
  subscribe(listener: ChangeListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in the newest state of an object. */
  upsert(object: Stored<T>): void {
    const previous = this.#objects.get(keyOf(object));
    if (previous === undefined) this.#put(object, { type: 'added', object });
    else if (previous.metadata.uid !== object.metadata.uid) {
      this.#drop(previous);
      this.#put(object, { type: 'added', object });
    } else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) {
      this.#unindex(previous);
      this.#put(object, { type: 'updated', object, previous });
    }
  }

  /** Forgets an object, unless its name already belongs to another one. */
  remove(object: Stored<T>): void {
    const known = this.#objects.get(keyOf(object));
    if (known?.metadata.uid === object.metadata.uid) this.#drop(known, object);
  }

  /** The objects whose keys are not among these. */
  missingFrom(keys: ReadonlySet<string>): Stored<T>[] {
    return this.all().filter((object) => !keys.has(keyOf(object)));
  }

  /** The first whole list is in. */
  markSynced(): void {
    this.#missing = undefined;
    this.#ready();
  }

  /** There is nothing to hold: whoever waits for the first list waits no longer. */
  markMissing(why: Missing): void {
    for (const object of this.all()) this.remove(object);
    this.#missing = why;
    this.#ready();
  }

  #ready(): void {
    this.#synced = true;
    for (const done of [...this.#waiting]) done();
  }

  #put(object: Stored<T>, change: Change<T>): void {
    this.#objects.set(keyOf(object), object);
    for (const index of this.#indexes()) index.add(object);
    this.#tell(change);
  }

  #drop(known: Stored<T>, last: Stored<T> = known): void {
    this.#objects.delete(keyOf(known));
    this.#unindex(known);
    this.#tell({ type: 'deleted', object: last });
  }

  #unindex(object: Stored<T>): void {
    for (const index of this.#indexes()) index.remove(object);
  }

  #indexes(): Index<T>[] {
    return [this.#byNamespace, this.#byOwner, ...this.#named.values()];
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Objects by some value computed from each; an object may have none or several. */
class Index<T extends KubeObject> {
  readonly #valuesOf: (object: Stored<T>) => readonly string[];
  readonly #entries = new Map<string, Map<string, Stored<T>>>();

  constructor(valuesOf: (object: Stored<T>) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  add(object: Stored<T>): void {
    for (const value of this.#valuesOf(object)) {
      const entry = this.#entries.get(value) ?? new Map<string, Stored<T>>();
      this.#entries.set(value, entry.set(object.metadata.uid, object));
    }
  }

  remove(object: Stored<T>): void {
    for (const value of this.#valuesOf(object)) {
      const entry = this.#entries.get(value);
      entry?.delete(object.metadata.uid);
      if (entry?.size === 0) this.#entries.delete(value);
    }
  }

  find(value: string): Stored<T>[] {
    return [...(this.#entries.get(value)?.values() ?? [])];
  }
}
