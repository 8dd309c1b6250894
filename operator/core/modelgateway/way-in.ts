// What a ModelGateway's `expose` makes beside the gateway: the Service that has all models of the namespace, and what leads
// to it from outside.
import type { Expose } from '@sluice/crds/v1alpha1/expose.ts';
import { gatewayLabels } from '../gateway/children.ts';
import { frontPort } from '../gateway/envoy/front.ts';
import { gatewayName } from '../names.ts';
import type { Child, Manifest } from '../plan.ts';

/** Whose children they are, and the labels that everything beside the pods has. */
export type Beside = { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };

/** Ports of the Service: where the balancer ends TLS, it has one for that, too. */
const portsOf = ({ type, scheme }: Expose) => [
  { name: 'http', port: 80, protocol: 'TCP', targetPort: frontPort },
  ...(type === 'LoadBalancer' && scheme === 'HTTPS'
    ? [{ name: 'https', port: 443, protocol: 'TCP', targetPort: frontPort }]
    : []),
];

/** What only a balancer has. */
function balancerFields({ loadBalancer }: Expose) {
  const { className, sourceRanges, externalTrafficPolicy = 'Cluster' } = loadBalancer ?? {};
  return {
    externalTrafficPolicy,
    ...(className === undefined ? {} : { loadBalancerClass: className }),
    ...(sourceRanges === undefined ? {} : { loadBalancerSourceRanges: sourceRanges }),
  };
}

/** Annotations stand where what leads in is made. */
const annotationsFor = ({ type, annotations = {} }: Expose) =>
  Object.keys(annotations).length > 0 && (type === 'LoadBalancer' || type === 'ClusterIP') ? { annotations } : {};

function service({ namespace, labels }: Beside, expose: Expose): Manifest {
  const { type } = expose;
  const isBalanced = type === 'LoadBalancer';
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: gatewayName, namespace, labels, ...annotationsFor(expose) },
    spec: {
      type: isBalanced ? 'LoadBalancer' : 'ClusterIP',
      selector: gatewayLabels,
      ports: portsOf(expose),
      ...(isBalanced ? balancerFields(expose) : {}),
    },
  };
}

/** Nothing while `expose` is absent. It is there without a ModelDeployment, too: an address outlives the models behind it. */
export const wayIn = (beside: Beside, expose: Expose | undefined): Child[] =>
  expose === undefined ? [] : [{ manifest: service(beside, expose), lifetime: 'Managed' }];
