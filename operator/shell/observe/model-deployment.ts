// Everything that the ModelDeployment planner is given, from the caches and the gateways' readings.
import { createHash } from 'node:crypto';
import type { GatewayReading, GatewaySilence, GatewayState } from '../../core/gateway/observed.ts';
import type {
  ModelDeployment,
  ModelDeploymentObserved,
  ObservedBudget,
  ObservedWorkload,
  ServableVersion,
} from '../../core/modeldeployment/observed.ts';
import type { ObservedClaim, ObservedPod } from '../../core/pods/observed.ts';
import { type Caches, claimOf, mountedClaims } from '../caches.ts';
import type { PodPoller } from '../measure/pod-poller.ts';
import { asRevision, gatewayDeploymentOf, jobsOf, routingTableOf, versionsOf } from './children.ts';
import { openingOf } from './gateway-wish.ts';
import { findClaim } from './locations.ts';
import { gatewayPodsOf, podsOfModelDeployment } from './owned-pods.ts';

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The newest reading of each gateway pod. */
export const readingsOf = (pods: readonly ObservedPod[], gateways: PodPoller<GatewayState>): GatewayReading[] =>
  pods.flatMap(({ metadata }) => gateways.reading(metadata.uid) ?? []);

const silencesOf = (pods: readonly ObservedPod[], gateways: PodPoller<GatewayState>): GatewaySilence[] =>
  pods.flatMap(({ metadata }) => gateways.silence(metadata.uid) ?? []);

type Named = Pick<ModelDeploymentObserved, 'versions' | 'revisions' | 'workloads'>;

/** The claims that bundles of the model lie in, and those that its pods mount. */
function claimsOf(caches: Caches, namespace: string, { versions, revisions, workloads }: Named): ObservedClaim[] {
  const uris = [...versions.map(({ spec }) => spec.bundle.uri), ...revisions.map(({ data }) => data.uri)];
  const names = new Set([...uris.map(claimOf), ...workloads.flatMap((each) => mountedClaims(each))]);
  return [...names].flatMap((name) => findClaim(caches, { namespace, name }).claim ?? []);
}

export function observeModelDeployment(
  caches: Caches,
  gateways: PodPoller<GatewayState>,
  modelDeployment: ModelDeployment,
): ModelDeploymentObserved {
  const { metadata, spec } = modelDeployment;
  const workloads: unknown = caches.deployments.ownedBy(metadata);
  const budgets: unknown = caches.podDisruptionBudgets.ownedBy(metadata);
  const gatewayPods = gatewayPodsOf(caches, metadata.namespace);
  const named: Named = {
    versions: versionsOf<ServableVersion>(caches, metadata.namespace, spec.model.name),
    revisions: caches.controllerRevisions.ownedBy(metadata).flatMap((each) => asRevision(each) ?? []),
    workloads: workloads as ObservedWorkload[],
  };
  return {
    modelDeployment,
    ...named,
    claims: claimsOf(caches, metadata.namespace, named),
    budgets: budgets as ObservedBudget[],
    pods: podsOfModelDeployment(caches, metadata),
    jobs: jobsOf(caches, metadata),
    table: routingTableOf(caches, metadata.namespace),
    gatewayPods,
    gatewayDeployment: gatewayDeploymentOf(caches, metadata.namespace),
    gatewayReadings: readingsOf(gatewayPods, gateways),
    gatewaySilences: silencesOf(gatewayPods, gateways),
    opening: openingOf(caches, metadata.namespace),
  };
}
