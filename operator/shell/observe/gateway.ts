// Everything that the gateway planner is given for one namespace, from the caches and the gateways' readings.
import { defaultLimits, longestRequestSeconds, type ServerSettings } from '@sluice/crds/contract.ts';
import { type Cors, corsSchema } from '@sluice/crds/v1alpha1/cors.ts';
import { fallbackSchema } from '@sluice/crds/v1alpha1/fallback.ts';
import { modelDeploymentSpecSchema, modelDeploymentStatusSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { z } from 'zod';
import { type RouteFallback, routeFallback } from '../../core/gateway/fallback.ts';
import type { GatewayObserved, GatewayState } from '../../core/gateway/observed.ts';
import type { Asking } from '../../core/gateway/opened.ts';
import { revisionName } from '../../core/names.ts';
import { nameKey, type Stored } from '../../kube/objects.ts';
import type { Caches } from '../caches.ts';
import type { PodPoller } from '../measure/pod-poller.ts';
import { fittingStatus } from '../parse-object.ts';
import { asRevision, gatewayDeploymentOf, routingTableOf } from './children.ts';
import { gatewayWishOf } from './gateway-wish.ts';
import { readingsOf } from './model-deployment.ts';
import { gatewayPodsOf } from './owned-pods.ts';

/** The ModelDeployments of a namespace that are to be routed. */
export const routedDeployments = (caches: Caches, namespace: string) =>
  caches.modelDeployments.inNamespace(namespace).filter(({ metadata }) => metadata.deletionTimestamp === undefined);

/** What of a spec says where a model is found. */
const findableSchema = modelDeploymentSpecSchema.pick({ model: true, expose: true });

/** One whose spec does not fit the schema stands nowhere. */
function placedOf(deployment: Stored): Asking['placed'] {
  const { metadata, spec } = deployment as Stored & { spec?: unknown };
  const { data } = findableSchema.safeParse(spec);
  return data && { model: data.model.name, exposedAs: data.expose, createdAt: metadata.creationTimestamp ?? '' };
}

const askedByPagesSchema = z.object({ server: z.object({ cors: corsSchema.optional() }).optional() });

/** One whose spec does not fit the schema is asked by no page. */
function corsOf(deployment: Stored): Cors | undefined {
  const { spec } = deployment as Stored & { spec?: unknown };
  return askedByPagesSchema.safeParse(spec).data?.server?.cors;
}

const fallingBackSchema = modelDeploymentSpecSchema.pick({ model: true }).extend({ fallback: fallbackSchema });

/** One whose spec does not fit the schema falls back to nothing. */
function fallbackOf(deployment: Stored, live: string | undefined): RouteFallback | undefined {
  const { spec } = deployment as Stored & { spec?: { readonly fallback?: unknown } };
  if (spec?.fallback === undefined) return undefined;
  const { data } = fallingBackSchema.safeParse(spec);
  return data && routeFallback(data.fallback, { model: data.model.name, live });
}

function routeRequest(caches: Caches, deployment: Stored): Asking {
  const { name, namespace } = deployment.metadata;
  const status = fittingStatus(deployment, modelDeploymentStatusSchema);
  const settingsOf = (revision: string) =>
    asRevision(caches.controllerRevisions.get(nameKey({ namespace, name: revisionName(name, revision) })))?.data
      .settings;
  const backends = (status?.traffic ?? []).map(({ revision, version, wantedPercent }) => ({
    revision,
    version,
    percent: wantedPercent,
    ...backendLimits(settingsOf(revision)),
  }));
  const isGivenBack = status?.traffic?.some((each) => each.wantedPercent === 0 && (each.verifiedPercent ?? 1) > 0);
  const isTakenBack = status?.candidate === undefined && isGivenBack === true;
  return {
    ...{ deployment: name, port: status?.gateway?.port, backends, isTakenBack },
    cors: corsOf(deployment),
    fallback: fallbackOf(deployment, status?.stable?.revision),
  };
}

/** The longest time while a revision's own is not known. What every server takes unless told otherwise is not said. */
function backendLimits(settings: ServerSettings | undefined) {
  const { requestTimeoutSeconds = longestRequestSeconds, maxRequestBytes: requestBytes } = settings ?? {};
  const isUsual = requestBytes === undefined || requestBytes === defaultLimits.requestBytes;
  return { requestTimeoutSeconds, ...(isUsual ? {} : { requestBytes }) };
}

export function observeGateway(caches: Caches, gateways: PodPoller<GatewayState>, namespace: string): GatewayObserved {
  const pods = gatewayPodsOf(caches, namespace);
  const wish = gatewayWishOf(caches, namespace);
  const isOpen = wish !== undefined && wish !== 'Unreadable' && wish.spec.expose !== undefined;
  const requests = routedDeployments(caches, namespace).map((deployment) => ({
    ...routeRequest(caches, deployment),
    ...(isOpen ? { placed: placedOf(deployment) } : {}),
  }));
  return {
    namespace,
    wish,
    requests,
    deployment: gatewayDeploymentOf(caches, namespace),
    table: routingTableOf(caches, namespace),
    pods,
    readings: readingsOf(pods, gateways),
  };
}
