// Decides which version is wanted: the pinned one, or the newest that is Ready. Latest only moves forward: a version that
// serves gives way to a newer one, never to an older one because its ModelVersion was deleted or is not Ready any more.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import type { ModelDeployment, ObservedRevision, ServableVersion } from './observed.ts';
import { numberOf } from './rejections.ts';
import { pinnedRevision } from './revision.ts';

/** What is needed of a version to serve it. */
export type Servable = { readonly name: string; readonly digest: string; readonly uri: string };

/** Why the spec's version cannot be had; `stalled` when only a person can help. */
export type Problem = { readonly reason: ModelDeploymentReason; readonly message: string; readonly stalled: boolean };

/** What to serve, if anything, and what stands against the spec. */
export type Choice = { readonly version?: Servable; readonly problem?: Problem };

const conditionOf = ({ status }: ServableVersion, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

const isReady = (version: ServableVersion) => conditionOf(version, 'Ready')?.status === 'True';

const servable = ({ metadata, spec }: ServableVersion): Servable => ({
  name: metadata.name,
  digest: spec.bundle.digest,
  uri: spec.bundle.uri,
});

function choosePinned(name: string, versions: readonly ServableVersion[]): Choice {
  const version = versions.find(({ metadata }) => metadata.name === name);
  if (!version) {
    const message = `spec.model.version: there is no ModelVersion ${name}; create it or name another`;
    return { problem: { reason: 'VersionNotFound', message, stalled: true } };
  }
  if (isReady(version)) return { version: servable(version) };
  const why = conditionOf(version, 'Ready')?.message ?? 'it was not looked at yet';
  const stalled = conditionOf(version, 'Stalled')?.status === 'True';
  return { problem: { reason: 'VersionNotReady', message: `ModelVersion ${name} is not Ready: ${why}`, stalled } };
}

/** The version that serves, as it was pinned: its ModelVersion may be gone. */
function serving({ spec, status }: ModelDeployment, revisions: readonly ObservedRevision[]) {
  const data = status?.stable && pinnedRevision(revisions, status.stable.revision)?.data;
  const number = data && numberOf(spec.model.name, data.version);
  return data && number !== undefined
    ? { number, version: { name: data.version, digest: data.digest, uri: data.uri } }
    : undefined;
}

function chooseLatest(
  deployment: ModelDeployment,
  versions: readonly ServableVersion[],
  revisions: readonly ObservedRevision[],
): Choice {
  const current = serving(deployment, revisions);
  const newest = versions
    .filter((each) => isReady(each) && each.metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => b.spec.number - a.spec.number)[0];
  if (newest && newest.spec.number >= (current?.number ?? 0)) return { version: servable(newest) };
  if (current) return { version: current.version };
  const { name } = deployment.spec.model;
  const message = `no ModelVersion of model ${name} is Ready; apply a TrainingJob with modelName ${name}`;
  return { problem: { reason: 'NoVersion', message, stalled: false } };
}

/** A version that is being deleted is not chosen anew. */
export function chooseVersion(
  deployment: ModelDeployment,
  versions: readonly ServableVersion[],
  revisions: readonly ObservedRevision[],
): Choice {
  const pinned = deployment.spec.model.version;
  return pinned === undefined ? chooseLatest(deployment, versions, revisions) : choosePinned(pinned, versions);
}
