// What the Job controller says when the pod of a one-shot Job is not taken. It says so in an Event of the Job and nowhere
// else, so that is read, but only while the Job has no pod and should have one.
import { parseTime } from '../../conditions.ts';
import type { Instant } from '../../plan.ts';
import { podOfJob, type Refusal } from '../../refusals.ts';
import { jobFinishedAt } from '../children.ts';
import type { ObservedJob } from '../observed.ts';
import { isSuspended, laterOf, resumedAt } from './suspension.ts';

/** What is read of an Event of events.k8s.io/v1; one that was written by the older API has the `deprecated` fields. */
export type ObservedEvent = {
  readonly metadata: { readonly creationTimestamp: string };
  readonly note?: string | undefined;
  readonly eventTime?: string | null | undefined;
  readonly deprecatedLastTimestamp?: string | null | undefined;
  readonly series?: { readonly lastObservedTime?: string | undefined } | null | undefined;
};

/** The reason by which the Job controller says that it could not make a pod. */
export const failedCreate = 'FailedCreate';

/** A Job controller that has nothing in its way makes the pod sooner. */
export const patienceMs = 3_000;
const soonestMs = 5_000;
const latestMs = 30_000;

/** Since when the Job should have a pod. */
const dueSince = (job: ObservedJob): Instant => parseTime(laterOf(job.metadata.creationTimestamp, resumedAt(job)));

/** Whether the Job controller is to keep a pod of it there. */
export const wantsPod = (job: ObservedJob): boolean =>
  job.metadata.deletionTimestamp === undefined && jobFinishedAt(job) === undefined && !isSuspended(job);

/** Milliseconds until it is asked for the first time why the Job has no pod; 0 when it is time. */
export const firstAskInMs = (job: ObservedJob, now: Instant): number => Math.max(0, dueSince(job) + patienceMs - now);

/** Milliseconds between two questions: the longer it stands, the fewer. */
export const askAgainAfterMs = (job: ObservedJob, now: Instant): number =>
  Math.min(latestMs, Math.max(soonestMs, (now - dueSince(job)) / 4));

/** When it was said last. */
export const saidAt = ({ series, deprecatedLastTimestamp, eventTime, metadata }: ObservedEvent): Instant =>
  parseTime(series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? metadata.creationTimestamp);

/** What comes before the words of whoever refused. */
const preamble = /^(?:\(combined from similar events\): ?)?(?:Error creating: )?/;

const escaped = (name: string) => name.replaceAll('.', '\\.');

/** The words without the name of the pod, which is another at each try. */
const wordsOf = (note: string, job: string) =>
  note.replace(preamble, '').replaceAll(new RegExp(`\\b${escaped(job)}-[a-z0-9]{5}\\b`, 'g'), job);

/**
 * The newest refusal of a pod since the Job should have one; what was said before that is over.
 * @param seenAt when a pod of it was seen last
 */
export function refusedPod(job: ObservedJob, events: readonly ObservedEvent[], seenAt?: Instant): Refusal | undefined {
  const { name } = job.metadata;
  const since = Math.max(dueSince(job), seenAt ?? 0);
  const newest = events
    .filter((event) => event.note !== undefined && saidAt(event) >= since)
    .toSorted((a, b) => saidAt(b) - saidAt(a))[0];
  return newest?.note === undefined ? undefined : { kind: podOfJob, name, said: wordsOf(newest.note, name) };
}
