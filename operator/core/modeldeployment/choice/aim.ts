// Decides which revision is aimed at: the version that the spec asks for, unless a gate refused it.

import type {
  ModelDeployment,
  ModelDeploymentObserved,
  ModelDeploymentSettings,
  ServableVersion,
} from '../observed.ts';
import { isPinned } from '../revision/pin.ts';
import { revisionOf, type WantedRevision } from '../revision/revision.ts';
import { type Choice, chooseVersion, type Servable } from './choose.ts';
import { isForgotten, newestRejection, rejectionOf, underNewestNames } from './rejections.ts';

export type Aim = {
  readonly choice: Choice;
  /** What shall serve; undefined when there is nothing, or it was refused. */
  readonly wanted: WantedRevision | undefined;
};

/** What was observed, with the list of rejections under the names that count now. */
export function withRejectionsNamed(
  observed: ModelDeploymentObserved,
  settings: ModelDeploymentSettings,
): ModelDeploymentObserved {
  const { modelDeployment, versions, revisions } = observed;
  const { status } = modelDeployment;
  if (!status?.rejected) return observed;
  const rejected = underNewestNames(
    modelDeployment,
    versions,
    ({ metadata, spec }, revision) =>
      revisionOf(modelDeployment, { name: metadata.name, ...spec.bundle }, revisions, settings).revision === revision,
  );
  return { ...observed, modelDeployment: { ...modelDeployment, status: { ...status, rejected: [...rejected] } } };
}

/** Where nothing is left to serve because a gate refused it, that is what a person has to know. */
function orRefused(deployment: ModelDeployment, choice: Choice): Choice {
  const rejection = newestRejection(deployment);
  return rejection ? { problem: { reason: 'GateFailed', message: rejection.message, stalled: true } } : choice;
}

/** Latest passes over what was refused, to the newest version that was not; a pinned version is refused or not. */
export function aimAt(observed: ModelDeploymentObserved, settings: ModelDeploymentSettings): Aim {
  const { modelDeployment, versions, revisions } = observed;
  const revisionFor = (version: Servable) => revisionOf(modelDeployment, version, revisions, settings);
  const isRefused = (version: ServableVersion) =>
    isForgotten(modelDeployment, version) ||
    rejectionOf(modelDeployment, revisionFor({ name: version.metadata.name, ...version.spec.bundle }).revision);
  const pinned = isPinned(modelDeployment.spec);
  const considered = pinned ? versions : versions.filter((version) => !isRefused(version));
  const choice = chooseVersion(modelDeployment, considered, revisions);
  const wanted = choice.version && revisionFor(choice.version);
  const rejection = wanted && rejectionOf(modelDeployment, wanted.revision);
  if (!wanted && !pinned) return { choice: orRefused(modelDeployment, choice), wanted };
  if (!rejection) return { choice, wanted };
  const problem = { reason: 'GateFailed', message: rejection.message, stalled: true } as const;
  return { choice: pinned ? { problem } : {}, wanted: undefined };
}
