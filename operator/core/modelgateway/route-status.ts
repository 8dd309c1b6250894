// What the Gateway API says of our HTTPRoutes, and what is read of the Gateway that they are for. Others write both: nothing
// of it is believed to be there.

import { printable } from '@sluice/crds/text.ts';
import { type Expose, maxHost } from '@sluice/crds/v1alpha1/gateway/expose.ts';

type Parent = { readonly name?: string | undefined; readonly namespace?: string | undefined };
type RouteCondition = {
  readonly type?: string | undefined;
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly observedGeneration?: number | undefined;
};

/** An HTTPRoute; each controller that looks after a parent of it writes one entry. */
export type ObservedRoute = {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation?: number | undefined };
  readonly status?:
    | {
        readonly parents?:
          | readonly {
              readonly parentRef?: Parent | undefined;
              readonly controllerName?: string | undefined;
              readonly conditions?: readonly RouteCondition[] | undefined;
            }[]
          | undefined;
      }
    | undefined;
};

type Listener = {
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly port?: number | undefined;
  readonly hostname?: string | undefined;
};

/** A Gateway of the Gateway API. */
export type ObservedGateway = {
  readonly spec?: { readonly listeners?: readonly Listener[] | undefined } | undefined;
  readonly status?: { readonly addresses?: readonly { readonly value?: string | undefined }[] | undefined } | undefined;
};

/** Others write addresses: what is longer than a name can be is none. */
export const asAddress = (value: string | undefined) =>
  value === undefined || value === '' || value.length > maxHost ? undefined : value;

/** An IPv6 address stands in brackets. */
export const inUrl = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** Both say something of the route as a whole. */
const wanted = ['Accepted', 'ResolvedRefs'] as const;

const gatewayOf = ({ httpRoute }: Expose, namespace: string) =>
  `${httpRoute?.gatewayNamespace ?? namespace}/${httpRoute?.gatewayName}`;

/** What the controllers of the Gateway say of a route that they have seen as it is. */
function conditionsOf({ metadata, status }: ObservedRoute, gateway: string) {
  const { generation = 0, namespace } = metadata;
  return (status?.parents ?? [])
    .filter(({ parentRef }) => `${parentRef?.namespace ?? namespace}/${parentRef?.name}` === gateway)
    .flatMap(({ controllerName, conditions = [] }) => conditions.map((each) => ({ controllerName, ...each })))
    .filter(({ observedGeneration }) => (observedGeneration ?? generation) >= generation);
}

function obstacleOf(route: ObservedRoute, expose: Expose): string | undefined {
  const gateway = gatewayOf(expose, route.metadata.namespace);
  const said = conditionsOf(route, gateway);
  const refused = said.find(({ type, status }) => wanted.some((each) => each === type) && status === 'False');
  if (refused) {
    return printable(
      `Gateway ${gateway} does not take HTTPRoute ${route.metadata.name}: ${refused.reason}: ${refused.message}`,
    );
  }
  if (said.some(({ type, status }) => type === 'Accepted' && status === 'True')) return undefined;
  return `nobody has answered for Gateway ${gateway}: does it exist, and does a controller of its class run?`;
}

/** Why clients do not come through; undefined when every route is taken. */
export function routeObstacle(expose: Expose, routes: readonly ObservedRoute[]): string | undefined {
  if (routes.length === 0) return 'no HTTPRoute is there yet';
  return routes.map((route) => obstacleOf(route, expose)).find((obstacle) => obstacle !== undefined);
}

/** Whether a listener takes requests for the host: its own name, or everything below a wildcard. */
function fits({ hostname }: Listener, host: string | undefined): boolean {
  if (hostname === undefined || hostname === '' || host === undefined) return true;
  return hostname.startsWith('*.') ? host.endsWith(hostname.slice(1)) : hostname === host;
}

/** The one that clients are told of: with TLS before without. */
function listenerOf({ host, httpRoute }: Expose, gateway: ObservedGateway | undefined): Listener | undefined {
  const { sectionName } = httpRoute ?? {};
  const fitting = (gateway?.spec?.listeners ?? []).filter(
    (each) => (sectionName === undefined || each.name === sectionName) && fits(each, host),
  );
  return fitting.find(({ protocol }) => protocol === 'HTTPS') ?? fitting.find(({ protocol }) => protocol === 'HTTP');
}

const usualPorts = { http: 80, https: 443 } as const;

/** Where clients find the Gateway, as far as it can be seen. */
export function routed(expose: Expose, gateway: ObservedGateway | undefined): { address?: string; url?: string } {
  const address = gateway?.status?.addresses?.flatMap(({ value }) => asAddress(value) ?? []).at(0);
  const listener = listenerOf(expose, gateway);
  const scheme = (expose.scheme ?? listener?.protocol ?? 'HTTP') === 'HTTPS' ? 'https' : 'http';
  const port = listener?.protocol?.toLowerCase() === scheme ? listener.port : undefined;
  const suffix = port === undefined || port === usualPorts[scheme] ? '' : `:${port}`;
  const host = expose.host ?? (address === undefined ? undefined : inUrl(address));
  return {
    ...(address === undefined ? {} : { address }),
    ...(host === undefined ? {} : { url: `${scheme}://${host}${suffix}` }),
  };
}
