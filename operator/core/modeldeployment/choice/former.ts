// Remembers which revisions were stable lately: they come back without steps.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { RevisionRecord } from '@sluice/crds/v1alpha1/rollout-status.ts';

const kept = 10;

/** The list after `stable` took over; newest first, each once, the present one never. */
export function formerRevisions(status: ModelDeploymentStatus | undefined, stable: RevisionRecord | undefined) {
  const before = status?.stable ? [status.stable, ...(status.former ?? [])] : (status?.former ?? []);
  const unique = before.filter(
    (each, index) =>
      each.revision !== stable?.revision && before.findIndex(({ revision }) => revision === each.revision) === index,
  );
  return unique.slice(0, kept);
}

/** Whether the revision was among the last `window` stable ones before the present one. */
export const wasStableLately = (status: ModelDeploymentStatus | undefined, revision: string, window: number): boolean =>
  (status?.former ?? []).slice(0, window).some((each) => each.revision === revision);
