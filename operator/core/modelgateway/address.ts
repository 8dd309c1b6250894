// What is known of the way into a namespace: its address, the URL that clients use, and what is still missing.
import type { ModelGatewayReason } from '@sluice/crds/reasons.ts';
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { gatewayName } from '../names.ts';
import { asAddress, inUrl, type ObservedGateway, type ObservedRoute, routed, routeObstacle } from './route-status.ts';

/** Addresses that whoever makes a balancer or serves an Ingress writes into a status. */
export type Balanced = {
  readonly status?:
    | {
        readonly loadBalancer?:
          | { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined }
          | undefined;
      }
    | undefined;
};

/** The cluster does not have the kind, or the operator has no right on it. */
export type Missing = 'Absent' | 'Forbidden';

/** What was made, as far as it is there. */
export type LivingWayIn = {
  readonly service?: Balanced | undefined;
  readonly ingress?: Balanced | undefined;
  readonly routes?: readonly ObservedRoute[] | undefined;
  /** The Gateway of the Gateway API that the routes are for, as far as it can be seen. */
  readonly gateway?: ObservedGateway | undefined;
  /** Why what `expose.type` asks for cannot be made. */
  readonly missing?: Missing | undefined;
  /** What was said last of that which has no address yet, by whoever is to give it one. */
  readonly warning?: string | undefined;
};

export type Reached = {
  readonly address?: string;
  readonly url?: string;
  /** Why nobody outside reaches it yet. */
  readonly problem?: { readonly reason: ModelGatewayReason; readonly message: string };
};

const addressOf = ({ status }: Balanced): string | undefined => {
  const [first] = status?.loadBalancer?.ingress ?? [];
  return asAddress(first?.ip ?? first?.hostname);
};

const schemeOf = ({ scheme, ingress }: Expose) => scheme ?? (ingress?.tlsSecretName === undefined ? 'HTTP' : 'HTTPS');

const urlOf = (expose: Expose, address: string) =>
  `${schemeOf(expose).toLowerCase()}://${expose.host ?? inUrl(address)}`;

const reachedAt = (expose: Expose, address: string): Reached => ({ address, url: urlOf(expose, address) });

const pending = (what: string, why: string): Reached => ({
  problem: { reason: 'AddressPending', message: `${what} ${gatewayName} has no address: ${why}` },
});

function balancer(expose: Expose, { service, warning }: LivingWayIn): Reached {
  const address = service && addressOf(service);
  if (address !== undefined) return reachedAt(expose, address);
  return pending('Service', warning ?? 'no controller has given it one; is there one for load balancers?');
}

function byIngress(expose: Expose, { ingress, warning }: LivingWayIn): Reached {
  const address = ingress && addressOf(ingress);
  if (address !== undefined) return reachedAt(expose, address);
  const className = expose.ingress?.className;
  const whose = className === undefined ? 'the default IngressClass' : `IngressClass ${className}`;
  return pending('Ingress', warning ?? `no controller has given it one; is there one for ${whose}?`);
}

function byRoute(expose: Expose, { routes = [], gateway }: LivingWayIn): Reached {
  const known = routed(expose, gateway);
  const problem = routeObstacle(expose, routes);
  if (problem !== undefined) return { problem: { reason: 'RouteNotAccepted', message: problem } };
  if (known.url !== undefined) return known;
  const message = `Gateway ${expose.httpRoute?.gatewayName} has no address that can be seen: set expose.host`;
  return { problem: { reason: 'AddressPending', message } };
}

/** What is said of a kind that cannot be made. */
function unavailable({ type }: Expose, missing: Missing): Reached {
  const message =
    missing === 'Absent'
      ? `the cluster has no kind ${type}: install the Gateway API (v1, 1.2 or later), or set another expose.type`
      : `the operator has no right on ${type}: add ${type} to waysIn in the values of the chart`;
  return { problem: { reason: 'KindUnavailable', message } };
}

/** @param namespace that of the Service, which is part of its name in the cluster. */
export function reached(namespace: string, expose: Expose | undefined, living: LivingWayIn): Reached {
  if (expose === undefined) return {};
  if (living.missing !== undefined) return unavailable(expose, living.missing);
  if (expose.type === 'LoadBalancer') return balancer(expose, living);
  if (expose.type === 'Ingress') return byIngress(expose, living);
  if (expose.type === 'HTTPRoute') return byRoute(expose, living);
  return reachedAt(expose, `${gatewayName}.${namespace}`);
}
