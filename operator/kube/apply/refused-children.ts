// Remembers which children the apiserver would not have, so that each is tried again after a back-off of its own, however
// often its owner is looked at.

import { type Clock, systemClock } from '../clock.ts';
import type { KubeObject } from '../objects.ts';
import { digestOf } from './apply-plan.ts';

/** A child that is not as it should be, and why. */
export type Unmade<Cause> = { readonly kind: string; readonly name: string; readonly cause: Cause };

interface Entry<Cause> {
  readonly digest: string;
  readonly cause: Cause;
  readonly failures: number;
  readonly dueMs: number;
}

const firstMs = 1_000;
const longestMs = 30_000;
const soonMs = 2_000;
/** Owners that are remembered; the oldest is forgotten first, and its children are tried at once. */
const mostOwners = 4_096;

/** Nothing here is needed to go on: a process that begins again tries every child at once. */
export class RefusedChildren<Cause> {
  readonly #clock: Clock;
  readonly #owners = new Map<string, Map<string, Entry<Cause>>>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Why the child was not made, when it is too early to try the same manifest again. */
  early(ownerUid: string, child: KubeObject): Cause | undefined {
    const entry = this.#owners.get(ownerUid)?.get(keyOf(child));
    if (entry === undefined || entry.dueMs <= this.#clock.monotonicMs()) return undefined;
    return entry.digest === digestOf(child) ? entry.cause : undefined;
  }

  /** The child was tried in vain. @param tried `passesSoon`: what is in its way is known to go by itself. */
  note(ownerUid: string, child: KubeObject, tried: { readonly cause: Cause; readonly passesSoon: boolean }): void {
    const children = this.#owners.get(ownerUid) ?? new Map<string, Entry<Cause>>();
    const before = children.get(keyOf(child));
    const digest = digestOf(child);
    const failures = before?.digest === digest ? before.failures + 1 : 0;
    const delayMs = Math.min(tried.passesSoon ? soonMs : longestMs, firstMs * 2 ** Math.min(failures, 10));
    children.set(keyOf(child), { digest, cause: tried.cause, failures, dueMs: this.#clock.monotonicMs() + delayMs });
    this.#owners.delete(ownerUid);
    this.#owners.set(ownerUid, children);
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > mostOwners && oldest !== undefined) this.#owners.delete(oldest);
  }

  /** Only these children of the owner are still not made. */
  keepOnly(ownerUid: string, children: readonly KubeObject[]): void {
    const known = this.#owners.get(ownerUid);
    if (known === undefined) return;
    const kept = new Set(children.map(keyOf));
    for (const key of known.keys()) if (!kept.has(key)) known.delete(key);
    if (known.size === 0) this.#owners.delete(ownerUid);
  }

  /** When the first child of the owner is to be tried again; undefined when none is. */
  dueInMs(ownerUid: string): number | undefined {
    const entries = [...(this.#owners.get(ownerUid)?.values() ?? [])];
    if (entries.length === 0) return undefined;
    return Math.max(0, Math.min(...entries.map(({ dueMs }) => dueMs)) - this.#clock.monotonicMs());
  }
}

const keyOf = ({ apiVersion, kind, metadata }: KubeObject) => `${apiVersion}/${kind}/${metadata.name}`;
