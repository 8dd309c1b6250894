// Which image a revision has instead of the one that it was pinned with: what is pinned never changes, so that an image
// that no node could ever get or start would stay for ever, whatever the chart says now.
import { annotations } from '../../names.ts';
import { trueCondition } from '../../pods/children.ts';
import type { ObservedContainer } from '../../pods/observed.ts';
import { changedContainers, type PodTemplate } from '../../pods/pod-template.ts';
import { cannotStart, containersOf, lastEnd } from '../../pods/startup.ts';
import type { ModelDeploymentObserved, ModelDeploymentSettings, ObservedWorkload } from '../observed.ts';
import type { Revision } from '../revision/revision.ts';
import { readyReplicas } from './health.ts';
import { ownContainers, serverPodsOf } from './server-pods.ts';
import { workloadOf } from './workload.ts';

const isOwn = ({ name }: { readonly name?: unknown }) => Object.values<unknown>(ownContainers).includes(name);

/** The bound of what is pinned. */
const longestImage = 512;

/** What took the place of the pinned image is written on the Deployment, beside the pods that have it. */
function written(workload: ObservedWorkload | undefined): string | undefined {
  const image = workload?.metadata.annotations?.[annotations.serverImage];
  return image === undefined || image === '' || image.length > longestImage ? undefined : image;
}

/** The Deployment controller remembers that all pods of the newest template were once available. */
const wasReady = (workload: ObservedWorkload | undefined): boolean =>
  readyReplicas(workload) > 0 ||
  trueCondition(workload?.status?.conditions, 'Progressing')?.reason === 'NewReplicaSetAvailable';

/** The runtime could not begin what the image was to run: there is no such program in it. */
const isUnstartable = (container: ObservedContainer): boolean =>
  ['StartError', 'ContainerCannotRun'].includes(lastEnd(container)?.reason ?? '');

const hasRun = (container: ObservedContainer): boolean =>
  container.state?.running !== undefined || (lastEnd(container) !== undefined && !isUnstartable(container));

/**
 * What the revision's pods have instead of the pinned image, if anything. Nothing changes while a pod is, or was, ready or
 * has run: only when none could ever start what today's image may start, today's takes the place.
 */
export function healedImage(
  { revision, data }: Revision,
  { workloads, pods }: Pick<ModelDeploymentObserved, 'workloads' | 'pods'>,
  { serverImage }: Pick<ModelDeploymentSettings, 'serverImage'>,
): string | undefined {
  const workload = workloadOf(workloads, revision);
  const containers = serverPodsOf(revision, pods).flatMap(containersOf).filter(isOwn);
  const neverStarted = containers.some((each) => cannotStart(each) || isUnstartable(each)) && !containers.some(hasRun);
  const image = neverStarted && !wasReady(workload) ? serverImage : written(workload);
  return image === data.image ? undefined : image;
}

/** What is written down of it on the Deployment. */
export const healedImageAnnotation = (image: string | undefined): Record<string, string> =>
  image === undefined ? {} : { [annotations.serverImage]: image };

/** The template with this image in the containers that are ours; without one it stays as it is. */
export function withServerImage(template: PodTemplate, image: string | undefined): PodTemplate {
  if (image === undefined) return template;
  const changed = changedContainers(template.spec, (each) => (isOwn(each) ? { ...each, image } : each));
  return { ...template, spec: { ...template.spec, ...changed } };
}
