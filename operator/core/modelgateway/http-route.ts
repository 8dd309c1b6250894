// The HTTPRoutes of the Gateway API that lead to the front: one for each host.
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { gatewayName } from '../names.ts';
import type { Manifest } from '../plan.ts';
import { longestWaitSeconds } from '../traffic/time-limits.ts';
import { type OuterRule, withFewerPaths } from './outer-rules.ts';

export const gatewayApi = 'gateway.networking.k8s.io';

/** What every version of the API since 1.0 takes: rules of a route, and matches of a rule. */
const mostRules = 16;
const mostMatches = 8;

/** Longer than the gateway waits, so that its answer wins; Envoy as an outer gateway would give up after 15 s. */
const timeout = `${longestWaitSeconds + 10}s`;

export type RouteSettings = {
  /** sha256 of a text as lower-case hex: handed in, because this room has no crypto. */
  hash(text: string): string;
};

/** The route of the namespace's own host has the plain name, others that of their host. */
const nameOf = ({ host }: OuterRule, expose: Expose, { hash }: RouteSettings) =>
  host === expose.host ? gatewayName : `${gatewayName}-${hash(host ?? '').slice(0, 10)}`;

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** The Gateway that the routes are for; that of another namespace decides itself whose routes it takes. */
export function parentOf({ httpRoute }: Expose) {
  const { gatewayName: name, gatewayNamespace, sectionName } = httpRoute ?? { gatewayName: '' };
  return {
    group: gatewayApi,
    kind: 'Gateway',
    name,
    ...(gatewayNamespace === undefined ? {} : { namespace: gatewayNamespace }),
    ...(sectionName === undefined ? {} : { sectionName }),
  };
}

const ruleOf = (paths: readonly string[]) => ({
  matches: paths.map((value) => ({ path: { type: 'PathPrefix', value } })),
  backendRefs: [{ group: '', kind: 'Service', name: gatewayName, port: 80 }],
  timeouts: { request: timeout },
});

export function httpRouteManifests(
  metadata: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  { expose, rules }: { readonly expose: Expose; readonly rules: readonly OuterRule[] },
  settings: RouteSettings,
): Manifest[] {
  const { annotations = {} } = expose;
  return rules.map((rule) => ({
    apiVersion: `${gatewayApi}/v1`,
    kind: 'HTTPRoute',
    metadata: {
      name: nameOf(rule, expose, settings),
      ...metadata,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      parentRefs: [parentOf(expose)],
      ...(rule.host === undefined ? {} : { hostnames: [rule.host] }),
      rules: chunks(withFewerPaths(rule, mostRules * mostMatches).paths, mostMatches).map(ruleOf),
    },
  }));
}
