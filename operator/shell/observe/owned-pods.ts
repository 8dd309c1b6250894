// Which pods are an object's own: those whose controllers lead to it, link by link, by uid and within its namespace. Labels
// find nothing here, because whoever may make a Deployment may give its pods any; a controller is named only by who makes
// the pod itself.
import { routesName } from '../../core/gateway/children.ts';
import { gatewayName, labels } from '../../core/names.ts';
import type { ObservedPod } from '../../core/pods/observed.ts';
import { controllerOf, type KubeObject, nameKey, type Stored } from '../../kube/objects.ts';
import { type Caches, labelIndex } from '../caches.ts';
import type { Owner } from './children.ts';

const asPods = (pods: readonly Stored[]) => pods as unknown as ObservedPod[];

/** Pods of the Jobs that the owner controls. */
export const podsOfJobs = (caches: Caches, owner: Owner): ObservedPod[] =>
  asPods(caches.jobs.ownedBy(owner).flatMap(({ metadata }) => caches.pods.ownedBy(metadata)));

const podsOfDeployments = (caches: Caches, deployments: readonly Stored[]): ObservedPod[] =>
  asPods(
    deployments
      .flatMap(({ metadata }) => caches.replicaSets.ownedBy(metadata))
      .flatMap(({ metadata }) => caches.pods.ownedBy(metadata)),
  );

/** Server pods of a ModelDeployment's revisions, and pods of its evaluations. */
export const podsOfModelDeployment = (caches: Caches, owner: Owner): ObservedPod[] => [
  ...podsOfDeployments(caches, caches.deployments.ownedBy(owner)),
  ...podsOfJobs(caches, owner),
];

/**
 * Pods of a TrainingJob's attempts. Of a Job that is gone nobody can ask whose it was: its pod bears our uid, and still
 * holds up the next attempt until it has ended.
 */
export function podsOfTrainingJob(caches: Caches, owner: Owner): ObservedPod[] {
  const labelled = caches.pods.indexed(labelIndex('trainingJob'), nameKey(owner));
  return [...podsOfJobs(caches, owner), ...asPods(labelled.filter((pod) => isOfGoneJob(caches, owner, pod)))];
}

function isOfGoneJob(caches: Caches, { namespace, uid }: Owner, { metadata, ...pod }: Stored): boolean {
  const job = controllerOf({ metadata, ...pod });
  if (job?.kind !== 'Job' || metadata.labels?.[labels.trainingJobUid] !== uid) return false;
  const there = caches.jobs.get(nameKey({ namespace, name: job.name }));
  return there?.metadata.uid !== job.uid;
}

/**
 * Gateway pods of the namespace: of the Deployment that belongs to the routing table, or to one that was there before it
 * and whose pods serve until they are collected.
 */
export function gatewayPodsOf(caches: Caches, namespace: string): ObservedPod[] {
  const deployment = caches.deployments.get(nameKey({ namespace, name: gatewayName }));
  return deployment && isOfTable(deployment) ? podsOfDeployments(caches, [deployment]) : [];
}

function isOfTable(deployment: KubeObject): boolean {
  const owner = controllerOf(deployment);
  return owner?.kind === 'ConfigMap' && owner.name === routesName;
}
