// The one contract of all kinds: what a planner is given, and what it hands back. A planner is a pure function
// `plan(observed, now) → Plan`: it sees no clock, no network and no randomness, and everything it decides is in the plan.
import type { Reason } from '@sluice/crds/reasons.ts';

/** A moment in milliseconds since 1970, always handed in. */
export type Instant = number;

/** A Kubernetes object as it is written: plain JSON. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
    /** Of a `Shared` child that exists: the object and the version of it that was observed. */
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
  readonly [field: string]: unknown;
};

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
};

/** The metadata of an object that was read. Times are RFC 3339 strings, as the apiserver gives them. */
export type StoredMetadata = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
};

/** One of our own objects as it was read; `status` is what we wrote last. */
export type Resource<Spec, Status> = {
  readonly metadata: StoredMetadata;
  readonly spec: Spec;
  readonly status: Status | undefined;
};

/**
 * How a child lives.
 * - `Managed`: kept equal to the manifest, pruned when it is no longer desired.
 * - `CreateOnce`: created when absent, never changed, pruned when it is no longer desired (Job, ControllerRevision).
 * - `Retained`: left as it is while it exists, never created, pruned when it is no longer desired (the Job of an attempt
 *   that began). It has identity only; a Job that someone deleted is thereby never made twice.
 * - `Independent`: created when absent, never changed, never pruned, outlives its maker (ModelVersion). When its name has
 *   gone to another one in the meantime, the round fails with a conflict, writes no status and is planned anew.
 * - `Shared`: belongs to nobody, is never pruned, and is planned only by who has something to write into it (the numbers of
 *   a model). Written over the version that its metadata name, created when they name none: whoever comes second gets a
 *   conflict, and plans anew on what the first one wrote. Written before the other children.
 */
export type Lifetime = 'Managed' | 'CreateOnce' | 'Retained' | 'Independent' | 'Shared';

export type Child = { readonly manifest: Manifest; readonly lifetime: Lifetime };

/** An event on the planned object; sent once, after the status that it tells of was written. */
export type PlannedEvent = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly message: string;
};

/** An event that tells how things go on. */
export const normalEvent = (reason: Reason, message: string): PlannedEvent => ({ type: 'Normal', reason, message });

/** A pod that is to be asked something, identified so that an answer of another pod is never taken for it. */
export type PodTarget = { readonly name: string; readonly uid: string; readonly ip: string };

/**
 * A measurement that the shell takes now and again while it is asked for; the next plan finds the newest answer in what
 * it observes. Unanswered requests change nothing.
 */
export type MeasureRequest =
  | { readonly type: 'TrainingProgress'; readonly pod: PodTarget; readonly everySeconds: number }
  | {
      readonly type: 'GatewayState';
      readonly pod: PodTarget;
      readonly everySeconds: number;
      /** Whether a decision waits for it; when there are more pods than can be asked so often, these come first. */
      readonly isUrgent: boolean;
      /** Listeners and backends that it is to have: its answer grows with them. */
      readonly entries: number;
    };

/** What a planner decides. */
export type Plan<Status> = {
  /** The whole owned set: an owned object that is missing here is pruned. */
  readonly desired: readonly Child[];
  /** The whole status, never a patch. */
  readonly status: Status;
  /**
   * Nobody waits for this status: what it says is nothing new, is expected to pass, or moves all the time. It is written,
   * with its events, when there is room for it. Nothing is lost until then: each look plans it anew.
   */
  readonly statusCanWait?: boolean;
  /** Another status comes within seconds that says this, too: until then none is written. */
  readonly statusComesWithNext?: boolean;
  readonly events: readonly PlannedEvent[];
  readonly measure: readonly MeasureRequest[];
  /** When to look again although nothing changed, as `wakeIn` says it; absent: when something changes. */
  readonly wakeAfterSeconds?: number;
};

/** Nothing is left alone for longer once it is to be looked at again: times that a status holds may be any. */
const longestWakeSeconds = 86_400;

/** The earliest of these times, in seconds from now: at least one, at most a day; none of none. */
export function wakeIn(seconds: readonly number[]): { wakeAfterSeconds?: number } {
  if (seconds.length === 0) return {};
  return { wakeAfterSeconds: Math.min(longestWakeSeconds, Math.max(1, Math.min(...seconds))) };
}

/** Broken by a bug of ours, never by a user: the round fails, is counted and logged. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}
