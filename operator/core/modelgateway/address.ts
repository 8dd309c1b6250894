// What is known of the way into a namespace: its address, the URL that clients use, and what is still missing.
import type { ModelGatewayReason } from '@sluice/crds/reasons.ts';
import type { Expose } from '@sluice/crds/v1alpha1/expose.ts';
import { gatewayName } from '../names.ts';

/** Addresses that whoever makes a balancer writes into a status. */
export type Balanced = {
  readonly status?:
    | {
        readonly loadBalancer?:
          | { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined }
          | undefined;
      }
    | undefined;
};

/** What was made, as far as it is there. */
export type LivingWayIn = {
  readonly service?: Balanced | undefined;
  /** What was said last of that which has no address yet, by whoever is to give it one. */
  readonly warning?: string | undefined;
};

export type Reached = {
  readonly address?: string;
  readonly url?: string;
  /** Why nobody outside reaches it yet. */
  readonly problem?: { readonly reason: ModelGatewayReason; readonly message: string };
};

/** An IPv6 address stands in brackets. */
const inUrl = (address: string) => (address.includes(':') ? `[${address}]` : address);

const addressOf = ({ status }: Balanced): string | undefined => {
  const [first] = status?.loadBalancer?.ingress ?? [];
  return first?.ip ?? first?.hostname;
};

const urlOf = ({ scheme = 'HTTP', host }: Expose, address: string) =>
  `${scheme.toLowerCase()}://${host ?? inUrl(address)}`;

const reachedAt = (expose: Expose, address: string): Reached => ({ address, url: urlOf(expose, address) });

function balancer(expose: Expose, { service, warning }: LivingWayIn): Reached {
  const address = service && addressOf(service);
  if (address !== undefined) return reachedAt(expose, address);
  const why = warning ?? 'no controller has given it one; is there one for load balancers?';
  return { problem: { reason: 'AddressPending', message: `Service ${gatewayName} has no address: ${why}` } };
}

/** @param namespace that of the Service, which is part of its name in the cluster. */
export function reached(namespace: string, expose: Expose | undefined, living: LivingWayIn): Reached {
  if (expose === undefined) return {};
  if (expose.type === 'LoadBalancer') return balancer(expose, living);
  return reachedAt(expose, `${gatewayName}.${namespace}`);
}
