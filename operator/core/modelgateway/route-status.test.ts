// What is read of the Gateway API: whether a Gateway takes our routes, and where it is found.
import { describe, expect, test } from '@jest/globals';
import { exposeSchema } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { type ObservedGateway, type ObservedRoute, routed, routeObstacle } from './route-status.ts';

const expose = (changes: object = {}) =>
  exposeSchema.parse({ type: 'HTTPRoute', httpRoute: { gatewayName: 'eg', gatewayNamespace: 'infra' }, ...changes });
type Condition = { type: string; status: string; reason?: string; message?: string; observedGeneration?: number };
const accepted: Condition = { type: 'Accepted', status: 'True' };
const resolved: Condition = { type: 'ResolvedRefs', status: 'True' };
const route = (conditions: Condition[], parentRef: object = { name: 'eg', namespace: 'infra' }): ObservedRoute => ({
  metadata: { name: 'sluice-gateway', namespace: 'ml', generation: 2 },
  status: { parents: [{ parentRef, controllerName: 'example.com/eg', conditions }] },
});

describe('routes', () => {
  test('are taken when the Gateway says so of each', () => {
    expect(routeObstacle(expose(), [route([accepted, resolved]), route([accepted])])).toBeUndefined();
    const local = expose({ httpRoute: { gatewayName: 'eg' } });
    expect(routeObstacle(local, [route([accepted], { name: 'eg' })])).toBeUndefined();
  });

  test('are not taken, in the words of the Gateway', () => {
    const no = { type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners', message: 'no listener allows ml' };
    expect(routeObstacle(expose(), [route([accepted]), route([no])])).toBe(
      'Gateway infra/eg does not take HTTPRoute sluice-gateway: NotAllowedByListeners: no listener allows ml',
    );
    const broken = { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound', message: 'no Service' };
    expect(routeObstacle(expose(), [route([accepted, broken])])).toMatch(/BackendNotFound: no Service$/);
  });

  test.each<[string, ObservedRoute]>([
    ['has a status', { metadata: { name: 'sluice-gateway', namespace: 'ml' } }],
    ['of this Gateway has answered', route([accepted], { name: 'eg', namespace: 'other' })],
    ['has seen the route as it is', route([{ ...accepted, observedGeneration: 1 }])],
    ['has said anything', { ...route([]), status: { parents: [{}] } }],
  ])('wait while none %s', (_, each) => {
    expect(routeObstacle(expose(), [each])).toMatch(/^nobody has answered for Gateway infra\/eg: does it exist/);
  });

  test('wait while there is none', () => expect(routeObstacle(expose(), [])).toBe('no HTTPRoute is there yet'));
});

describe('the Gateway', () => {
  const gateway = (listeners: object[], ...values: string[]): ObservedGateway => ({
    spec: { listeners },
    status: { addresses: values.map((value) => ({ value })) },
  });
  const http = { name: 'http', protocol: 'HTTP', port: 80 };
  const https = { name: 'https', protocol: 'HTTPS', port: 443 };
  const host = 'models.example.com';

  test.each<[string, object, ObservedGateway | undefined, string | undefined]>([
    ['its address when there is no host', {}, gateway([http], '203.0.113.7'), 'http://203.0.113.7'],
    ['an IPv6 address in brackets', {}, gateway([http], '2001:db8::7'), 'http://[2001:db8::7]'],
    ['the host', { host }, gateway([http], '203.0.113.7'), `http://${host}`],
    ['HTTPS where it has it', { host }, gateway([http, https]), `https://${host}`],
    ['the port where it is no usual one', { host }, gateway([{ ...https, port: 8443 }]), `https://${host}:8443`],
    [
      'the listener for the host',
      { host },
      gateway([
        { ...https, hostname: '*.other.com' },
        { ...http, hostname: '*.example.com' },
      ]),
      `http://${host}`,
    ],
    [
      'the listener that is named',
      { host, httpRoute: { gatewayName: 'eg', sectionName: 'http' } },
      gateway([http, https]),
      `http://${host}`,
    ],
    [
      'the scheme that the spec says, behind another proxy',
      { host, scheme: 'HTTPS' },
      gateway([{ ...http, port: 8080 }]),
      `https://${host}`,
    ],
    ['the host when it cannot be seen', { host }, undefined, `http://${host}`],
    ['nothing without host and address', {}, gateway([http]), undefined],
    ['nothing of an empty object', {}, {}, undefined],
  ])('is told to clients by %s', (_, changes, seen, url) => {
    expect(routed(expose(changes), seen).url).toBe(url);
  });
});
