// Which of the operator's settings the pods of a revision have. Those that are ready keep theirs, so that a change of the
// chart's values restarts no model that answers; those that cannot start get today's, which may heal them.
import { nonRootId } from '@sluice/crds/contract.ts';
import { changedContainers, type PodTemplate } from '../../pods/pod-template.ts';
import { type PodUser, podSecurityContext } from '../../pods/restricted-pod.ts';
import type { ModelDeploymentSettings, ObservedWorkload } from '../observed.ts';
import { readyReplicas } from './health.ts';

export type PodSettings = Pick<ModelDeploymentSettings, 'podUser'> & {
  readonly imagePullPolicy: string;
  /** By container, of those that have one already. */
  readonly imagePullPolicies: Readonly<Record<string, string>>;
};

const runAsUser = ({ spec }: PodTemplate): unknown => {
  const context = spec['securityContext'] as { readonly runAsUser?: unknown } | undefined;
  return context === undefined ? nonRootId : context.runAsUser;
};

const userIn = (template: PodTemplate): PodUser => (runAsUser(template) === undefined ? 'Cluster' : 'Fixed');

const containersIn = ({ spec }: PodTemplate) => [...(spec.initContainers ?? []), ...spec.containers];

/**
 * Those of the pods that are ready, else today's. Admission may have changed some of them, and may have put containers of
 * others among ours: each keeps its own, and a user that we never asked for says nothing of what we asked.
 */
export function podSettingsOf(workload: ObservedWorkload | undefined, today: ModelDeploymentSettings): PodSettings {
  const { podUser, imagePullPolicy } = today;
  const template = workload?.spec?.template;
  if (!template || readyReplicas(workload) === 0) return { podUser, imagePullPolicy, imagePullPolicies: {} };
  const policies = containersIn(template).flatMap((each) =>
    each.name === undefined || each.imagePullPolicy === undefined ? [] : [[each.name, each.imagePullPolicy] as const],
  );
  const isOurs = [undefined, nonRootId].includes(runAsUser(template) as number | undefined);
  const imagePullPolicies = Object.fromEntries(policies);
  return { podUser: isOurs ? userIn(template) : podUser, imagePullPolicy, imagePullPolicies };
}

/** The template with these settings. What has them already stays as it is. */
export function withPodSettings(template: PodTemplate, settings: PodSettings): PodTemplate {
  const { imagePullPolicy, imagePullPolicies, podUser } = settings;
  return {
    ...template,
    spec: {
      ...template.spec,
      ...(userIn(template) === podUser ? {} : { securityContext: podSecurityContext(podUser) }),
      ...changedContainers(template.spec, (each) => ({
        ...each,
        imagePullPolicy: imagePullPolicies[each.name ?? ''] ?? imagePullPolicy,
      })),
    },
  };
}
