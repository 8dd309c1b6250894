// What the spec pins: a version by its name, or a model by its bytes, whatever number it has.
import type { ModelDeploymentSpec } from '@sluice/crds/v1alpha1/model-deployment.ts';

/** Whether a person names what is served; else the newest is tracked. */
export const isPinned = ({ model }: ModelDeploymentSpec): boolean =>
  model.version !== undefined || model.digest !== undefined;

/** Whether it is what the spec pins. */
export const isPinnedTo = (
  { model }: ModelDeploymentSpec,
  { version, digest }: { readonly version: string; readonly digest: string },
): boolean => version === model.version || digest === model.digest;
