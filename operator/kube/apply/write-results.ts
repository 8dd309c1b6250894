// What the apiserver made of our last writes. Admission may change what we write, each time in the same way: what came of a
// write is what can be had, and to write it again for ever would change nothing.

import { isRecord, type KubeObject, type Stored } from '../objects.ts';
import { isSameJson } from './json.ts';
import { isSubset, itemsByKey } from './subset.ts';

/** Objects whose results are kept; those are few that come out other than they were written. */
const mostKept = 10_000;

interface Result {
  readonly digest: unknown;
  /** What the object had in the fields that were written. */
  readonly had: unknown;
}

/**
 * Kept in memory only: an operator that begins anew writes each such object once more. What somebody changes later is not
 * what came of our write, so it is put right.
 */
export class WriteResults {
  readonly #digestOf: (object: KubeObject) => unknown;
  readonly #byUid = new Map<string, Result>();

  /** @param digestOf what tells manifests apart, of a manifest and of an object that it was applied to. */
  constructor(digestOf: (object: KubeObject) => unknown) {
    this.#digestOf = digestOf;
  }

  /** To be called with the answer to each write of a whole manifest. */
  note(manifest: KubeObject, after: Stored): void {
    const { uid } = after.metadata;
    this.#byUid.delete(uid);
    if (isSubset(manifest, after)) return;
    this.#byUid.set(uid, { digest: this.#digestOf(manifest), had: partOf(manifest, after) });
    const [oldest] = this.#byUid.keys();
    if (this.#byUid.size > mostKept && oldest !== undefined) this.#byUid.delete(oldest);
  }

  /** Whether the object is as our last write of this very manifest left it. */
  isResult(manifest: KubeObject, live: Stored): boolean {
    const result = this.#byUid.get(live.metadata.uid);
    if (result === undefined || result.digest !== this.#digestOf(manifest)) return false;
    return isSameJson(result.had, partOf(manifest, live));
  }

  /** The object is gone. */
  forget({ metadata }: Stored): void {
    this.#byUid.delete(metadata.uid);
  }
}

/** What `live` has where `wanted` has something; lists of named things by their keys, others whole. */
function partOf(wanted: unknown, live: unknown): unknown {
  if (Array.isArray(wanted) && Array.isArray(live)) {
    const [wantedItems, liveItems] = itemsByKey(wanted, live) ?? [];
    if (!wantedItems || !liveItems) return live;
    return [...wantedItems].map(([key, item]) => partOf(item, liveItems.get(key)));
  }
  if (!isRecord(wanted) || !isRecord(live)) return live;
  return Object.fromEntries(Object.entries(wanted).map(([field, value]) => [field, partOf(value, live[field])]));
}
