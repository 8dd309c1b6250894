// What leads into a namespace, as the caches have it, and what is said of that which has no address.
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import type { Balanced, LivingWayIn } from '../../core/modelgateway/address.ts';
import type { ModelGateway } from '../../core/modelgateway/observed.ts';
import type { ObservedGateway, ObservedRoute } from '../../core/modelgateway/route-status.ts';
import { gatewayName } from '../../core/names.ts';
import { nameKey, type Stored } from '../../kube/objects.ts';
import type { Caches } from '../caches.ts';
import type { PendingWarnings } from '../pending-warnings.ts';

type Owned = Stored & Balanced;

const named = (objects: readonly Stored[]): Owned | undefined => {
  const found: unknown = objects.find(({ metadata }) => metadata.name === gatewayName);
  return found as Owned | undefined;
};

/** The Gateway that our routes are for. */
function gatewayOf(caches: Caches, { httpRoute }: Expose, own: string): ObservedGateway | undefined {
  if (httpRoute === undefined) return undefined;
  const key = nameKey({ namespace: httpRoute.gatewayNamespace ?? own, name: httpRoute.gatewayName });
  const found: unknown = caches.outerGateways.get(key);
  return found as ObservedGateway | undefined;
}

const missingOf = (caches: Caches, { type }: Expose) => {
  if (type === 'Ingress') return caches.ingresses.missing;
  return type === 'HTTPRoute' ? caches.httpRoutes.missing : undefined;
};

/** What waits for an address that somebody else gives. */
function waiting({ type }: Expose, service: Owned | undefined, ingress: Owned | undefined): Owned | undefined {
  const object = type === 'LoadBalancer' ? service : type === 'Ingress' ? ingress : undefined;
  return (object?.status?.loadBalancer?.ingress ?? []).length === 0 ? object : undefined;
}

export async function observeWayIn(
  caches: Caches,
  warnings: Pick<PendingWarnings, 'of'>,
  { modelGateway, signal }: { readonly modelGateway: ModelGateway; readonly signal: AbortSignal },
): Promise<LivingWayIn> {
  const { metadata, spec } = modelGateway;
  const { expose } = spec;
  if (expose === undefined) return {};
  const service = named(caches.services.ownedBy(metadata));
  const ingress = named(caches.ingresses.ownedBy(metadata));
  const routes: unknown = caches.httpRoutes.ownedBy(metadata);
  const pending = waiting(expose, service, ingress);
  return {
    service,
    ingress,
    routes: routes as ObservedRoute[],
    gateway: gatewayOf(caches, expose, metadata.namespace),
    missing: missingOf(caches, expose),
    warning: pending && (await warnings.of(pending, signal)),
  };
}
