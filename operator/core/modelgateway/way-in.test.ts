// What leads into a namespace, and what is said of its address.
import { describe, expect, test } from '@jest/globals';
import { type Expose, exposeSchema } from '@sluice/crds/v1alpha1/expose.ts';
import { reached } from './address.ts';
import { wayIn } from './way-in.ts';

const expose = (changes: object): Expose => exposeSchema.parse(changes);
const beside = { namespace: 'ml', labels: {} };
const made = (changes: object) => wayIn(beside, expose(changes)).map(({ manifest }) => manifest);
const balanced = (...ingress: { ip?: string; hostname?: string }[]) => ({ status: { loadBalancer: { ingress } } });

describe('the Service of all models', () => {
  test('is not made without expose', () => expect(wayIn(beside, undefined)).toEqual([]));

  test('leads to the front, and has nothing of a balancer while it is not one', () => {
    const [service] = made({});
    expect(service).toMatchObject({ kind: 'Service', metadata: { name: 'sluice-gateway' } });
    expect(service?.['spec']).toEqual({
      type: 'ClusterIP',
      selector: expect.anything(),
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 9903 }],
    });
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
    const warning = 'Error syncing load balancer: quota exceeded';
    expect(missing({ service: {}, warning })?.message).toContain(warning);
  });
});
