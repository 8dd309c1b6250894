// Remembers which revisions a gate refused, so that none is tried again by a restart or by the same manifest.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { maxRejected, type RevisionRecord } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { formatMilliTime, formatTime, shorten } from '../../conditions.ts';
import { versionNumber } from '../../names.ts';
import type { Instant } from '../../plan.ts';
import type { Share } from '../../traffic/shares.ts';
import type { ModelDeployment, ServableVersion } from '../observed.ts';
import { isPinnedTo } from '../revision/pin.ts';

export type Rejection = NonNullable<ModelDeploymentStatus['rejected']>[number];

/** Why the revision is not tried, if it was refused under the present retryToken. Without a rollout no token is there. */
export function rejectionOf({ spec, status }: ModelDeployment, revision: string): Rejection | undefined {
  const token = spec.rollout?.retryToken;
  return status?.rejected?.find(
    (each) => each.revision === revision && (token === undefined || each.retryToken === token),
  );
}

/**
 * The list with each entry under the name that counts: the one that the spec pins, else the newest number that asks for the
 * revision. A retrained model with the bytes of a refused one is the refused one, and is as new as its number.
 * @param asksFor whether the version would be served as that revision.
 */
export function underNewestNames(
  { spec, status }: ModelDeployment,
  versions: readonly ServableVersion[],
  asksFor: (version: ServableVersion, revision: string) => boolean,
): readonly Rejection[] {
  const numberIn = (name: string) => versionNumber(spec.model.name, name) ?? 0;
  return (status?.rejected ?? []).map((entry) => {
    const names = versions
      .filter((each) => each.spec.bundle.digest === entry.digest && asksFor(each, entry.revision))
      .map(({ metadata }) => metadata.name);
    const newest = [entry.version, ...names].toSorted((a, b) => numberIn(b) - numberIn(a))[0] ?? entry.version;
    const pinned = names.find((name) => name === spec.model.version);
    return { ...entry, version: pinned ?? newest };
  });
}

/** Whether people still have to know: the version is newer than what serves, or the spec names it. */
function isOfInterest({ spec, status }: ModelDeployment, rejection: Rejection): boolean {
  const number = (name: string) => versionNumber(spec.model.name, name) ?? 0;
  return isPinnedTo(spec, rejection) || !status?.stable || number(rejection.version) >= number(status.stable.version);
}

/** The rejection that was made last, of those that hold and that people have to know. */
export const newestRejection = (deployment: ModelDeployment): Rejection | undefined =>
  (deployment.status?.rejected ?? [])
    .filter((each) => rejectionOf(deployment, each.revision) !== undefined && isOfInterest(deployment, each))
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];

/**
 * Whether an older version must be taken for refused because the list is full: what was refused before the oldest entry is
 * not known any more.
 */
export function isForgotten({ spec, status }: ModelDeployment, version: ServableVersion): boolean {
  const rejected = status?.rejected ?? [];
  if (rejected.length < maxRejected) return false;
  return rejected.every((each) => (versionNumber(spec.model.name, each.version) ?? 0) > version.spec.number);
}

/** `evidenceAt`: of the reading that showed it, while the candidate has requests. */
export type Refusal = { readonly gate: string; readonly message: string; readonly evidenceAt?: Instant };

/** The entry that a refused candidate gets. */
export const rejectionFor = (
  record: RevisionRecord,
  { gate, message, evidenceAt }: Refusal,
  { retryToken, now }: { readonly retryToken: string; readonly now: Instant },
): Rejection => ({
  ...record,
  gate,
  at: formatTime(now),
  ...(evidenceAt === undefined ? {} : { evidenceAt: formatMilliTime(evidenceAt) }),
  retryToken,
  message: shorten(message),
});

/** Notes that a refused revision is known to get no request any more. @param knownAt when the gateways said so. */
export function noteWithdrawn(rejection: Rejection, shares: readonly Share[], knownAt: Instant): Rejection {
  const share = shares.find(({ revision }) => revision === rejection.revision);
  const isOut = share?.wantedPercent === 0 && share.verifiedPercent === 0;
  if (!isOut || rejection.evidenceAt === undefined || rejection.withdrawnAt !== undefined) return rejection;
  return { ...rejection, withdrawnAt: formatMilliTime(knownAt) };
}

/**
 * What is kept: a new entry replaces the revision's older one; a revision that is stable by now was not refused for good.
 * Of too many, the oldest versions go, but none that the spec names: it would be tried anew.
 * @param stable the stable revision.
 */
export function keepRejections(
  { spec, status }: ModelDeployment,
  added: Rejection | undefined,
  stable: string | undefined,
): Rejection[] {
  const rest = (status?.rejected ?? []).filter(({ revision }) => revision !== added?.revision && revision !== stable);
  const numberIn = ({ version }: Rejection) => versionNumber(spec.model.name, version) ?? 0;
  const newestFirst = (a: Rejection, b: Rejection) => numberIn(b) - numberIn(a);
  const isNamed = (rejection: Rejection) => isPinnedTo(spec, rejection);
  const all = [...rest, ...(added ? [added] : [])].toSorted(newestFirst);
  const kept = [...all.filter(isNamed), ...all.filter((each) => !isNamed(each))].slice(0, maxRejected);
  return kept.toSorted(newestFirst);
}
