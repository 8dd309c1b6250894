// Which of the operator's settings the pods of a revision have. Those that are ready keep theirs, so that a change of the
// chart's values restarts no model that answers; those that cannot start get today's, which may heal them.
import type { PodTemplate } from '../../pods/pod-template.ts';
import { type PodUser, podSecurityContext } from '../../pods/restricted-pod.ts';
import type { ModelDeploymentSettings, ObservedWorkload } from '../observed.ts';
import { readyReplicas } from './health.ts';

export type PodSettings = Pick<ModelDeploymentSettings, 'podUser'> & { readonly imagePullPolicy: string };

const userIn = ({ spec }: PodTemplate): PodUser => {
  const context = spec['securityContext'] as { readonly runAsUser?: number } | undefined;
  return context !== undefined && context.runAsUser === undefined ? 'Cluster' : 'Fixed';
};

/** Those of the pods that are ready, else today's. */
export function podSettingsOf(workload: ObservedWorkload | undefined, today: ModelDeploymentSettings): PodSettings {
  const template = workload?.spec?.template;
  if (!template || readyReplicas(workload) === 0) return today;
  const policy = template.spec.containers[0]?.imagePullPolicy;
  return { podUser: userIn(template), imagePullPolicy: policy ?? today.imagePullPolicy };
}

/** The template with these settings. What has them already stays as it is. */
export function withPodSettings(template: PodTemplate, settings: PodSettings): PodTemplate {
  const { imagePullPolicy, podUser } = settings;
  const { initContainers, containers } = template.spec;
  return {
    ...template,
    spec: {
      ...template.spec,
      ...(userIn(template) === podUser ? {} : { securityContext: podSecurityContext(podUser) }),
      ...(initContainers && { initContainers: initContainers.map((each) => ({ ...each, imagePullPolicy })) }),
      containers: containers.map((each) => ({ ...each, imagePullPolicy })),
    },
  };
}
