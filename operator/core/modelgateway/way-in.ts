// What a ModelGateway's `expose` makes beside the gateway: the Service that has all models of the namespace, and what leads
// to it from outside.
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { gatewayLabels } from '../gateway/children.ts';
import { frontPort } from '../gateway/envoy/front.ts';
import type { Place } from '../gateway/places.ts';
import { gatewayName } from '../names.ts';
import type { Child, Manifest } from '../plan.ts';
import type { Missing } from './address.ts';
import { httpRouteManifests, type RouteSettings } from './http-route.ts';
import { ingressManifest } from './ingress.ts';
import { outerRules } from './outer-rules.ts';

/** Whose children they are, and the labels that everything beside the pods has. */
export type Beside = { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };

/** Ports of the Service: one for TLS where the gateway ends it; where the balancer does, that beside the plain one. */
const portsOf = ({ type, scheme }: Expose, hasTls: boolean) => {
  if (hasTls) return [{ name: 'https', port: 443, protocol: 'TCP', appProtocol: 'https', targetPort: frontPort }];
  return [
    { name: 'http', port: 80, protocol: 'TCP', targetPort: frontPort },
    ...(type === 'LoadBalancer' && scheme === 'HTTPS'
      ? [{ name: 'https', port: 443, protocol: 'TCP', targetPort: frontPort }]
      : []),
  ];
};

/** What only a balancer has. */
function balancerFields({ loadBalancer }: Expose) {
  const { className, sourceRanges, externalTrafficPolicy = 'Cluster' } = loadBalancer ?? {};
  return {
    externalTrafficPolicy,
    ...(className === undefined ? {} : { loadBalancerClass: className }),
    ...(sourceRanges === undefined ? {} : { loadBalancerSourceRanges: sourceRanges }),
  };
}

/** Whether nothing stands before the Service: annotations of what leads in are then its own. */
const isOutermost = ({ type }: Expose) => type === 'ClusterIP' || type === 'LoadBalancer';

const annotationsOf = (expose: Expose): Readonly<Record<string, string>> => ({
  ...(isOutermost(expose) ? expose.annotations : {}),
  ...expose.serviceAnnotations,
});

function service({ namespace, labels }: Beside, expose: Expose, hasTls: boolean): Manifest {
  const isBalanced = expose.type === 'LoadBalancer';
  const annotations = annotationsOf(expose);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: gatewayName,
      namespace,
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      type: isBalanced ? 'LoadBalancer' : 'ClusterIP',
      selector: gatewayLabels,
      ports: portsOf(expose, hasTls),
      ...(isBalanced ? balancerFields(expose) : {}),
    },
  };
}

export type WayIn = {
  readonly expose: Expose | undefined;
  /** Whether the gateway itself speaks TLS. */
  readonly hasTls?: boolean | undefined;
  readonly places: readonly Place[];
  /** Why an object of the kind that is wanted cannot be made. */
  readonly missing: Missing | undefined;
};

/** What stands before the Service. */
function before(beside: Beside, { expose, places, missing }: WayIn, settings: RouteSettings): Manifest[] {
  if (expose === undefined || missing !== undefined) return [];
  const rules = outerRules(expose.host, places);
  if (expose.type === 'Ingress') return [ingressManifest(beside, expose, rules)];
  return expose.type === 'HTTPRoute' ? httpRouteManifests(beside, { expose, rules }, settings) : [];
}

/** Nothing while `expose` is absent. It is there without a ModelDeployment, too: an address outlives the models behind it. */
export function wayIn(beside: Beside, way: WayIn, settings: RouteSettings): Child[] {
  if (way.expose === undefined) return [];
  const manifests = [service(beside, way.expose, way.hasTls === true), ...before(beside, way, settings)];
  return manifests.map((manifest) => ({ manifest, lifetime: 'Managed' }));
}
