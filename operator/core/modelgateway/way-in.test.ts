// What leads into a namespace, and what is said of its address.
import { describe, expect, test } from '@jest/globals';
import { type Expose, exposeSchema } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import type { Place } from '../gateway/places.ts';
import { type Missing, reached } from './address.ts';
import { wayIn } from './way-in.ts';

const expose = (changes: object): Expose => exposeSchema.parse({ type: 'ClusterIP', ...changes });
const beside = { namespace: 'ml', labels: {} };
const settings = { hash: () => 'abcdef0123456789' };
const made = (changes: object, places: readonly Place[] = [], missing?: Missing) =>
  wayIn(beside, { expose: expose(changes), places, missing }, settings).map(({ manifest }) => manifest);
const balanced = (...ingress: { ip?: string; hostname?: string }[]) => ({ status: { loadBalancer: { ingress } } });

describe('the Service of all models', () => {
  test('is not made without expose', () =>
    expect(wayIn(beside, { expose: undefined, places: [], missing: undefined }, settings)).toEqual([]));

  test('leads to the front, and has nothing of a balancer while it is not one', () => {
    const [service] = made({});
    expect(service).toMatchObject({ kind: 'Service', metadata: { name: 'sluice-gateway' } });
    expect(service?.['spec']).toEqual({
      type: 'ClusterIP',
      selector: expect.anything(),
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 9903 }],
    });
  });

  test('has one port for TLS where the gateway speaks it', () => {
    const way = { expose: expose({ type: 'LoadBalancer' }), hasTls: true, places: [], missing: undefined };
    expect(wayIn(beside, way, settings)).toMatchObject([
      { manifest: { spec: { ports: [{ name: 'https', port: 443, appProtocol: 'https', targetPort: 9903 }] } } },
    ]);
  });

  test('is a balancer with its class, its networks, its policy and the annotations of a cloud', () => {
    const [service] = made({
      type: 'LoadBalancer',
      annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' },
      loadBalancer: { className: 'tailscale', sourceRanges: ['203.0.113.0/24'], externalTrafficPolicy: 'Local' },
    });
    expect(service).toMatchObject({
      metadata: { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' } },
      spec: {
        type: 'LoadBalancer',
        loadBalancerClass: 'tailscale',
        loadBalancerSourceRanges: ['203.0.113.0/24'],
        externalTrafficPolicy: 'Local',
      },
    });
  });

  test('has port 443, too, where the balancer ends TLS', () => {
    const ports = [{ port: 80 }, { port: 443, targetPort: 9903 }];
    expect(made({ type: 'LoadBalancer', scheme: 'HTTPS' })).toMatchObject([{ spec: { ports } }]);
  });
});

const places: Place[] = [
  { path: '/v2/models/digits' },
  { path: '/teams/a' },
  { path: '/teams' },
  { host: 'own.example.com', path: '/' },
  { host: 'own.example.com', path: '/v2/models/b' },
];
const backend = { service: { name: 'sluice-gateway', port: { name: 'http' } } };
const prefix = (path: string) => ({ path, pathType: 'Prefix', backend });

describe('the Ingress', () => {
  const wanted = { type: 'Ingress', host: 'models.example.com' };

  test('leads the hosts and paths of models to the front, and no others', () => {
    const [service, ingress] = made(wanted, places);
    expect(service).toMatchObject({ spec: { type: 'ClusterIP' } });
    expect(ingress).toMatchObject({ apiVersion: 'networking.k8s.io/v1', metadata: { name: 'sluice-gateway' } });
    expect(ingress?.['spec']).toEqual({
      rules: [
        { host: 'models.example.com', http: { paths: [prefix('/teams'), prefix('/v2/models/digits')] } },
        { host: 'own.example.com', http: { paths: [prefix('/')] } },
      ],
    });
  });

  test('is there without a model, so that its address and its certificate stay', () => {
    expect(made(wanted)[1]).toMatchObject({ spec: { rules: [{ http: { paths: [prefix('/v2/models')] } }] } });
  });

  test('has its class, a certificate for all hosts, and the annotations; the Service has its own', () => {
    const [service, ingress] = made(
      {
        ...wanted,
        annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
        serviceAnnotations: { 'cloud.google.com/backend-config': '{}' },
        ingress: { className: 'nginx', tlsSecretName: 'models-tls' },
      },
      places,
    );
    expect(ingress).toMatchObject({
      metadata: { annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' } },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['models.example.com', 'own.example.com'], secretName: 'models-tls' }],
      },
    });
    expect(service?.metadata.annotations).toEqual({ 'cloud.google.com/backend-config': '{}' });
  });
});

describe('the HTTPRoutes', () => {
  const httpRoute = { gatewayName: 'eg', gatewayNamespace: 'infra', sectionName: 'https' };
  const wanted = { type: 'HTTPRoute', host: 'models.example.com', httpRoute };
  const matching = (...paths: string[]) => ({
    matches: paths.map((value) => ({ path: { type: 'PathPrefix', value } })),
    backendRefs: [{ group: '', kind: 'Service', name: 'sluice-gateway', port: 80 }],
    timeouts: { request: '615s' },
  });

  test('are one for each host, for the Gateway that is named, with a time that lets the longest request pass', () => {
    const [, shared, own] = made(wanted, places);
    const parentRefs = [
      { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'eg', namespace: 'infra', sectionName: 'https' },
    ];
    expect(shared).toMatchObject({ kind: 'HTTPRoute', metadata: { name: 'sluice-gateway', namespace: 'ml' } });
    expect(shared?.['spec']).toEqual({
      parentRefs,
      hostnames: ['models.example.com'],
      rules: [matching('/teams', '/v2/models/digits')],
    });
    expect(own).toMatchObject({
      metadata: { name: 'sluice-gateway-abcdef0123' },
      spec: { parentRefs, hostnames: ['own.example.com'], rules: [matching('/')] },
    });
  });

  test('take the host of the Gateway when there is none', () => {
    const [, route] = made({ type: 'HTTPRoute', httpRoute: { gatewayName: 'eg' } });
    expect(route?.['spec']).toMatchObject({ parentRefs: [{ name: 'eg' }], rules: [matching('/v2/models')] });
    expect(route?.['spec']).not.toHaveProperty('hostnames');
  });

  const many = (count: number, path: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => ({ path: path(index) }));
  const rulesOf = (all: Place[]) => {
    const spec = made(wanted, all)[1]?.['spec'] as { rules: { matches: unknown[] }[] } | undefined;
    return spec?.rules ?? [];
  };

  test('hold as many paths as the API takes, then all of models, then the host', () => {
    const models = rulesOf(many(128, (index) => `/v2/models/m${index}`));
    expect(models.map(({ matches }) => matches.length)).toEqual(Array.from({ length: 16 }, () => 8));
    expect(rulesOf([...many(128, (index) => `/v2/models/m${index}`), { path: '/x' }])).toEqual([
      matching('/v2/models', '/x'),
    ]);
    expect(rulesOf(many(129, (index) => `/x${index}`))).toEqual([matching('/')]);
  });

  test('are not made where the cluster has no such kind', () => {
    expect(made(wanted, places, 'Absent').map(({ kind }) => kind)).toEqual(['Service']);
  });
});

describe('the address', () => {
  const at = (changes: object, living: Parameters<typeof reached>[2] = {}) => reached('ml', expose(changes), living);

  test('is the name of the Service inside of the cluster', () => {
    expect(at({})).toEqual({ address: 'sluice-gateway.ml', url: 'http://sluice-gateway.ml' });
  });

  test.each([
    ['an IP address', { ip: '203.0.113.7' }, '203.0.113.7', 'http://203.0.113.7'],
    ['an IPv6 address', { ip: '2001:db8::7' }, '2001:db8::7', 'http://[2001:db8::7]'],
    ['a name', { hostname: 'x.elb.amazonaws.com' }, 'x.elb.amazonaws.com', 'http://x.elb.amazonaws.com'],
  ])('is that of the balancer: %s', (_, given, address, url) => {
    expect(at({ type: 'LoadBalancer' }, { service: balanced(given) })).toEqual({ address, url });
  });

  test('has the host and the scheme that clients are told', () => {
    const wanted = { type: 'LoadBalancer', host: 'models.example.com', scheme: 'HTTPS' };
    expect(at(wanted, { service: balanced({ ip: '203.0.113.7' }) })).toEqual({
      address: '203.0.113.7',
      url: 'https://models.example.com',
    });
  });

  test('is pending, with the words of whoever is to give it', () => {
    const missing = (living: Parameters<typeof reached>[2]) => at({ type: 'LoadBalancer' }, living).problem;
    const words = {
      reason: 'AddressPending',
      message: expect.stringMatching(/no address: no controller has given it one/),
    };
    expect(missing({})).toEqual(words);
    expect(missing({ service: balanced() })).toEqual(words);
    const inIngress = at({ type: 'Ingress', ingress: { className: 'nginx' } }, {}).problem;
    expect(inIngress?.message).toMatch(
      /^Ingress sluice-gateway has no address: .*is there one for IngressClass nginx\?$/,
    );
    const warning = 'Error syncing load balancer: quota exceeded';
    expect(missing({ service: {}, warning })?.message).toContain(warning);
  });

  test('is that of the Ingress, with HTTPS where it has a certificate', () => {
    const living = { ingress: balanced({ ip: '203.0.113.7' }) };
    const tls = { host: 'models.example.com', ingress: { tlsSecretName: 'models-tls' } };
    expect(at({ type: 'Ingress', ...tls }, living)).toEqual({
      address: '203.0.113.7',
      url: 'https://models.example.com',
    });
    expect(at({ type: 'Ingress' }, living).url).toBe('http://203.0.113.7');
  });

  test.each([
    ['Absent', /no kind HTTPRoute: install the Gateway API/],
    ['Forbidden', /no right on HTTPRoute: add HTTPRoute to waysIn/],
  ] as const)('is not to be had while the kind is %s', (missing, message) => {
    const wanted = { type: 'HTTPRoute', httpRoute: { gatewayName: 'eg' } };
    expect(at(wanted, { missing }).problem).toEqual({
      reason: 'KindUnavailable',
      message: expect.stringMatching(message),
    });
  });

  test('that somebody else wrote beyond all length is none', () => {
    expect(at({ type: 'LoadBalancer' }, { service: balanced({ hostname: 'x'.repeat(254) }) }).address).toBeUndefined();
  });
});
