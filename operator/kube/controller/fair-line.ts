// Keys that wait for their turn, so that no namespace and no object waits for ever behind a busy one.
import { splitKey } from '../objects.ts';

/** Within a namespace keys come in the order in which they joined; between namespaces each comes in turn. */
export class FairLine {
  /** The namespace that comes next is the first one. */
  readonly #waiting = new Map<string, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#waiting.get(namespaceOf(key))?.has(key) ?? false;
  }

  /** Puts `namespace/name` at the end of its namespace's line; one that waits already keeps its place. */
  join(key: string): void {
    const namespace = namespaceOf(key);
    const keys = this.#waiting.get(namespace) ?? new Set();
    if (keys.has(key)) return;
    this.#waiting.set(namespace, keys.add(key));
    this.#size += 1;
  }

  /** Gives up the place of a key. */
  leave(key: string): void {
    const namespace = namespaceOf(key);
    const keys = this.#waiting.get(namespace);
    if (!keys?.delete(key)) return;
    this.#size -= 1;
    if (keys.size === 0) this.#waiting.delete(namespace);
  }

  /** Takes out the key whose turn it is; undefined when nobody waits. */
  next(): string | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [namespace, keys] = first;
    const [key] = keys;
    this.#waiting.delete(namespace);
    if (key !== undefined) {
      keys.delete(key);
      this.#size -= 1;
    }
    if (keys.size > 0) this.#waiting.set(namespace, keys);
    return key;
  }
}

function namespaceOf(key: string): string {
  return splitKey(key).namespace ?? '';
}
