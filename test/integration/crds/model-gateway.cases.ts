// What the apiserver takes and refuses of a ModelGateway.
import { modelGateway } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { accessRules, accessStructure } from './gateway-access.cases.ts';
import { podMetadataRules, podMetadataStructure, quotaRules } from './pod-metadata.cases.ts';
import type { KindCases } from './rule-case.ts';
import { schedulingRules, schedulingStructure } from './scheduling.cases.ts';

const balanced = (loadBalancer: object) => ({ 'spec.expose': { type: 'LoadBalancer', loadBalancer } });
const hosted = (host: string) => ({ 'spec.expose': { type: 'ClusterIP', host } });
const annotated = (...keys: string[]) => ({
  'spec.expose': { type: 'ClusterIP', annotations: Object.fromEntries(keys.map((key) => [key, 'x'])) },
});

const structural: KindCases['structural'] = [
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.replicas',
    accepts: { 'one pod': { 'spec.replicas': 1 } },
    rejects: { 'no pod at all': { 'spec.replicas': 0 } },
  },
  {
    says: 'should be less than or equal to 20',
    at: 'spec.replicas',
    accepts: { '20 pods': { 'spec.replicas': 20 } },
    rejects: { '21 pods': { 'spec.replicas': 21 } },
  },
  {
    says: 'Unsupported value',
    at: 'spec.expose.type',
    accepts: { 'a load balancer': { 'spec.expose': { type: 'LoadBalancer' } } },
    rejects: { 'a port of each node': { 'spec.expose': { type: 'NodePort' } } },
  },
  {
    says: 'Required value',
    at: 'spec.expose.type',
    accepts: { 'the cluster alone': { 'spec.expose': { type: 'ClusterIP' } } },
    rejects: { 'nothing at all': { 'spec.expose': {} }, 'a host alone': { 'spec.expose': { host: 'a.example.com' } } },
  },
  {
    says: 'should match',
    at: 'spec.expose.host',
    accepts: { 'a DNS name': hosted('models.example.com') },
    rejects: {
      'a URL': hosted('https://models.example.com'),
      'a port': hosted('models.example.com:8443'),
      'a wildcard': hosted('*.example.com'),
    },
  },
  ...accessStructure,
  ...schedulingStructure('spec.scheduling'),
  ...podMetadataStructure,
];

const rules: KindCases['rules'] = [
  {
    says: 'metadata.name must be default: a namespace has one gateway',
    at: 'metadata.name',
    accepts: { default: { 'metadata.name': 'default' } },
    rejects: { 'another name': { 'metadata.name': 'second' } },
  },
  {
    says: 'memory of a gateway pod must be at least 64Mi: Envoy does not start with less',
    at: 'spec.resources.memory',
    accepts: { '64Mi': { 'spec.resources': { memory: '64Mi' } } },
    rejects: {
      'a forgotten unit': { 'spec.resources': { memory: '512' } },
      '32Mi': { 'spec.resources': { memory: '32Mi' } },
    },
  },
  {
    says: 'expose.loadBalancer needs expose.type LoadBalancer',
    at: 'spec.expose',
    accepts: { 'a balancer with its class': balanced({ className: 'service.k8s.aws/nlb' }) },
    rejects: { 'the cluster alone': { 'spec.expose': { type: 'ClusterIP', loadBalancer: { className: 'x' } } } },
  },
  {
    says: 'expose.ingress needs expose.type Ingress',
    at: 'spec.expose',
    accepts: { 'an Ingress with its class': { 'spec.expose': { type: 'Ingress', ingress: { className: 'nginx' } } } },
    rejects: { 'a balancer': { 'spec.expose': { type: 'LoadBalancer', ingress: { className: 'nginx' } } } },
  },
  {
    says: 'expose.type HTTPRoute needs expose.httpRoute with the name of the Gateway, and no other type has it',
    at: 'spec.expose',
    accepts: {
      'a Gateway of another namespace': {
        'spec.expose': { type: 'HTTPRoute', httpRoute: { gatewayName: 'eg', gatewayNamespace: 'infra' } },
      },
    },
    rejects: {
      'no Gateway': { 'spec.expose': { type: 'HTTPRoute' } },
      'a Gateway for an Ingress': { 'spec.expose': { type: 'Ingress', httpRoute: { gatewayName: 'eg' } } },
    },
  },
  {
    says: 'each of sourceRanges must be a network, such as 203.0.113.0/24 or 2001:db8::/32',
    at: 'spec.expose.loadBalancer.sourceRanges',
    accepts: { 'both families': balanced({ sourceRanges: ['203.0.113.0/24', '2001:db8::/32'] }) },
    rejects: {
      'an address without a prefix': balanced({ sourceRanges: ['203.0.113.7'] }),
      'no address': balanced({ sourceRanges: ['office'] }),
    },
  },
  {
    says: "remove the key: those of sluice.dev, kube-runtime and kubectl.kubernetes.io are not the user's",
    at: 'spec.expose.annotations',
    accepts: {
      'those of clouds and controllers': annotated(
        'service.beta.kubernetes.io/aws-load-balancer-type',
        'service.kubernetes.io/topology-mode',
        'nginx.ingress.kubernetes.io/proxy-body-size',
        'cert-manager.io/cluster-issuer',
      ),
    },
    rejects: {
      'one of ours': annotated('sluice.dev/revision'),
      "one of the runtime's": annotated('kube-runtime/applied-digest'),
      "one of kubectl's": annotated('kubectl.kubernetes.io/last-applied-configuration'),
    },
  },
  ...accessRules,
  ...schedulingRules('spec.scheduling'),
  ...podMetadataRules,
  ...quotaRules('spec.resources'),
];

const changeable: KindCases['changeable'] = {
  'the number of pods': { 'spec.replicas': 3 },
  resources: { 'spec.resources': { cpu: '1', memory: '1Gi' } },
  scheduling: { 'spec.scheduling': { nodeSelector: { disk: 'ssd' } } },
  'who may ask': { 'spec.access': { apiKeys: { secretName: 'keys' } } },
  podMetadata: { 'spec.podMetadata': { labels: { team: 'ml' } } },
  expose: balanced({ externalTrafficPolicy: 'Local' }),
};

export const modelGatewayCases: KindCases = { kind: modelGateway, structural, rules, changeable, updates: [] };
