// Decides which ModelVersion is wanted: the pinned one, or the newest that is Ready.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import type { ModelDeployment, ServableVersion } from './observed.ts';

export type Choice =
  | { readonly version: ServableVersion; readonly problem?: undefined }
  | {
      readonly version?: undefined;
      /** Why there is none; `stalled` when only a person can help. */
      readonly problem: { readonly reason: ModelDeploymentReason; readonly message: string; readonly stalled: boolean };
    };

const isReady = ({ status }: ServableVersion) =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;

const none = (reason: ModelDeploymentReason, message: string, stalled: boolean): Choice => ({
  problem: { reason, message, stalled },
});

function choosePinned(name: string, versions: readonly ServableVersion[]): Choice {
  const version = versions.find(({ metadata }) => metadata.name === name);
  if (!version) {
    return none(
      'VersionNotFound',
      `spec.model.version: there is no ModelVersion ${name}; create it or name another`,
      true,
    );
  }
  if (isReady(version)) return { version };
  const why = version.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? 'it was not looked at yet';
  return none('VersionNotReady', `ModelVersion ${name} is not Ready: ${why}`, false);
}

/** A version that is being deleted is not chosen anew. */
export function chooseVersion({ spec }: ModelDeployment, versions: readonly ServableVersion[]): Choice {
  const { name, version } = spec.model;
  if (version !== undefined) return choosePinned(version, versions);
  const newest = versions
    .filter((each) => isReady(each) && each.metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => b.spec.number - a.spec.number)[0];
  if (newest) return { version: newest };
  return none(
    'NoVersion',
    `no ModelVersion of model ${name} is Ready; apply a TrainingJob with modelName ${name}`,
    false,
  );
}
