// Decides which version is wanted: the pinned one, or the newest that is Ready. Latest only moves forward, in the order of
// numbers from the one that is live: a version that serves gives way to a newer number, never to an older one because its
// ModelVersion was deleted or is not Ready any more.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import { versionNumber } from '../../names.ts';
import type { ModelDeployment, ObservedRevision, ServableVersion } from '../observed.ts';
import { pinnedRevision } from '../revision/revision.ts';

/** What is needed of a version to serve it. */
export type Servable = {
  readonly name: string;
  readonly digest: string;
  readonly uri: string;
  readonly bytes?: number | 'Unknown' | undefined;
};

/** Why the spec's version cannot be had; `stalled` when only a person can help. */
export type Problem = { readonly reason: ModelDeploymentReason; readonly message: string; readonly stalled: boolean };

/** What to serve, if anything, and what stands against the spec. */
export type Choice = { readonly version?: Servable; readonly problem?: Problem };

const conditionOf = ({ status }: ServableVersion, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

/** Whether its bundle is known to be good. */
export const isReady = (version: ServableVersion) => conditionOf(version, 'Ready')?.status === 'True';

/** A version that is being deleted is not chosen anew. */
const isServable = (version: ServableVersion) => isReady(version) && version.metadata.deletionTimestamp === undefined;

const servable = ({ metadata, spec }: ServableVersion): Servable => ({
  name: metadata.name,
  digest: spec.bundle.digest,
  uri: spec.bundle.uri,
  bytes: spec.bundle.bytes,
});

function choosePinned(name: string, versions: readonly ServableVersion[]): Choice {
  const version = versions.find(({ metadata }) => metadata.name === name);
  if (!version || version.metadata.deletionTimestamp !== undefined) {
    const what = version ? `ModelVersion ${name} is being deleted` : `there is no ModelVersion ${name}`;
    const message = `spec.model.version: ${what}; create it or name another`;
    return { problem: { reason: 'VersionNotFound', message, stalled: true } };
  }
  if (isReady(version)) return { version: servable(version) };
  const why = conditionOf(version, 'Ready')?.message ?? 'it was not looked at yet';
  const stalled = conditionOf(version, 'Stalled')?.status === 'True';
  return { problem: { reason: 'VersionNotReady', message: `ModelVersion ${name} is not Ready: ${why}`, stalled } };
}

/**
 * What is live, under the name that it is live by: several numbers may have its bytes, and the pin names only the first.
 * Without a `version` nothing says any more where the bytes lie.
 */
function liveVersion(
  { spec, status }: ModelDeployment,
  versions: readonly ServableVersion[],
  revisions: readonly ObservedRevision[],
) {
  const { stable } = status ?? {};
  const number = stable && versionNumber(spec.model.name, stable.version);
  if (stable === undefined || number === undefined) return undefined;
  const { version: name, digest } = stable;
  const own = versions.find(({ metadata, spec: { bundle } }) => metadata.name === name && bundle.digest === digest);
  const bundle = own?.spec.bundle ?? pinnedRevision(revisions, stable.revision)?.data;
  return { number, version: bundle && { name, digest, uri: bundle.uri, bytes: bundle.bytes } };
}

function chooseLatest(
  deployment: ModelDeployment,
  versions: readonly ServableVersion[],
  revisions: readonly ObservedRevision[],
): Choice {
  const live = liveVersion(deployment, versions, revisions);
  const newest = versions
    .filter((each) => isServable(each) && each.spec.number > (live?.number ?? 0))
    .toSorted((a, b) => b.spec.number - a.spec.number)[0];
  if (newest) return { version: servable(newest) };
  if (live) return live.version ? { version: live.version } : {};
  const { name } = deployment.spec.model;
  const message = `no ModelVersion of model ${name} is Ready; apply a TrainingJob with modelName ${name}`;
  return { problem: { reason: 'NoVersion', message, stalled: false } };
}

/** The model with these bytes: as it is live, or under the newest number that has them. */
function chooseBytes(digest: string, { deployment, versions, revisions }: Choosable): Choice {
  const live = liveVersion(deployment, versions, revisions)?.version;
  if (live?.digest === digest) return { version: live };
  const named = versions
    .filter(({ spec }) => spec.bundle.digest === digest)
    .toSorted((a, b) => b.spec.number - a.spec.number);
  const ready = named.find(isServable);
  if (ready) return { version: servable(ready) };
  const [newest] = named.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (newest) return choosePinned(newest.metadata.name, versions);
  const { name } = deployment.spec.model;
  const message = `spec.model.digest: no ModelVersion of model ${name} has these bytes; import them or name others`;
  return { problem: { reason: 'VersionNotFound', message, stalled: true } };
}

type Choosable = {
  readonly deployment: ModelDeployment;
  readonly versions: readonly ServableVersion[];
  readonly revisions: readonly ObservedRevision[];
};

/** @param versions those of the model that may be chosen. */
export function chooseVersion(
  deployment: ModelDeployment,
  versions: readonly ServableVersion[],
  revisions: readonly ObservedRevision[],
): Choice {
  const { version, digest } = deployment.spec.model;
  if (digest !== undefined) return chooseBytes(digest, { deployment, versions, revisions });
  return version === undefined ? chooseLatest(deployment, versions, revisions) : choosePinned(version, versions);
}
