// What rules on access make of a gateway: of its table, of its pods, and of what each pod is told.
import { describe, expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { modelGatewaySpecSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { envoyResources } from '../envoy/resources.ts';
import type { GatewayObserved } from '../observed.ts';
import { planGateway } from '../plan.ts';
import { type RoutingTable, routingTableSchema } from '../routes.ts';
import { mountedIn, nodeMetadataSchema } from './pods.ts';
import type { Mounted } from './rules.ts';

const settings = {
  gatewayImage: 'envoy:1',
  imagePullPolicy: 'IfNotPresent',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  operatorCertificates: 'PEM',
  hasIpv6: false,
  xdsAddress: { host: 'operator.sluice-system', port: 18_000 },
  hash: () => 'h',
} as const;
const closed = { access: { apiKeys: { secretName: 'callers' } } };
const wish = (spec: object) => ({ spec: modelGatewaySpecSchema.parse(spec), uid: 'mgw', generation: 1 });

function plan(wanted: GatewayObserved['wish'], table?: RoutingTable) {
  const requests = ['digits', 'letters'].map((deployment) => ({ deployment, port: undefined, backends: [] }));
  const planned = planGateway({ namespace: 'ml', wish: wanted, requests, table, pods: [], readings: [] }, 0, settings);
  if (!planned) throw new Error('there are ModelDeployments');
  return planned;
}
const deploymentOf = (wanted: GatewayObserved['wish']) =>
  plan(wanted).desired.find(({ manifest }) => manifest.kind === 'Deployment')?.manifest;

describe('the routing table', () => {
  const open = plan(undefined).table;
  const ruled = plan(wish(closed), open).table;

  test('keeps the rules, and with others each of its entries is new', () => {
    expect(ruled.rules).toMatchObject(closed);
    expect(ruled.routes.map(({ changedIn }) => changedIn)).toEqual([2, 2]);
    expect(plan(wish(closed), ruled).table).toBe(ruled);
    expect(plan(undefined, ruled).table).toMatchObject({ version: 3, routes: [{ changedIn: 3 }, { changedIn: 3 }] });
    expect(routingTableSchema.parse(JSON.parse(JSON.stringify(ruled)))).toEqual(ruled);
  });

  test('keeps them while the ModelGateway cannot be read: nobody gets in by damage', () => {
    expect(plan('Unreadable', ruled).table).toBe(ruled);
  });

  test('has none where none are asked for', () => expect(open).not.toHaveProperty('rules'));
});

describe('gateway pods', () => {
  test('have the Secret, read-only, and say so when they ask', () => {
    expect(deploymentOf(wish(closed))?.['spec']).toMatchObject({
      template: {
        spec: {
          volumes: expect.arrayContaining([{ name: 'keys', secret: { secretName: 'callers' } }]),
          containers: [
            {
              args: expect.arrayContaining(['{"node":{"metadata":{"sluice.mounts":{"keys":"/etc/sluice/keys"}}}}']),
              volumeMounts: expect.arrayContaining([{ name: 'keys', mountPath: '/etc/sluice/keys', readOnly: true }]),
            },
          ],
        },
      },
    });
  });

  test('are as they were where nothing is ruled: an upgrade replaces none', () => {
    expect(deploymentOf(wish({}))?.['spec']).toEqual(deploymentOf(undefined)?.['spec']);
    expect(JSON.stringify(deploymentOf(undefined))).not.toMatch(/secret|config-yaml/);
  });
});

describe('a certificate', () => {
  const escapedQuote = '\\"';
  const tls = { secretName: 'digits-tls', clientCertificates: 'Required' };
  const files = plan(wish({ tls })).desired.find(({ manifest }) => manifest.kind === 'ConfigMap')?.manifest['data'];

  test('is mounted, and files beside the bootstrap tell Envoy where; nothing secret is in them', () => {
    const text = JSON.stringify(deploymentOf(wish({ tls })));
    expect(text).toContain('{"name":"tls","secret":{"secretName":"digits-tls"}}');
    expect(text).toContain(`tls${escapedQuote}:${escapedQuote}/etc/envoy`);
    const names = ['bootstrap.json', 'tls-certificate.json', 'tls-authorities.json'];
    expect(Object.keys(files ?? {})).toEqual(expect.arrayContaining(names));
    expect(JSON.stringify(files)).toContain('/etc/sluice/tls/tls.key');
  });

  test('closes pods that have it not, where clients must show theirs, and no others', () => {
    const listeners = (spec: object) =>
      JSON.stringify(
        envoyResources('listeners', plan(wish(spec)).table, { namespace: 'ml', clusterDomain: 'c', hasIpv6: false }),
      );
    expect(listeners({ tls })).toContain('is being replaced');
    expect(listeners({ tls: { ...tls, clientCertificates: 'Off' } })).not.toMatch(/is being replaced|transport_socket/);
  });
});

describe('what a pod says of its Secrets', () => {
  const said = (keys: unknown) => nodeMetadataSchema.safeParse({ 'sluice.mounts': { keys } }).success;

  test.each([undefined, '/etc/sluice/keys', '/tmp/a-b/c_d.e'])('may be %j', (path) => expect(said(path)).toBe(true));

  test.each([7, 'keys', '/', '/a/', "/a'b", '/a b', '/a\nb', '/a]]', `/${'a'.repeat(300)}`])(
    'is not %j: it would become part of a script',
    (path) => expect(said(path)).toBe(false),
  );

  test('is nothing where it says nothing', () => expect(mountedIn(nodeMetadataSchema.parse({}))).toEqual({}));
});

describe('a pod with a part of the Secrets', () => {
  const jwt = { issuer: 'https://id.example.com', audiences: ['sluice'], jwksSecretName: 'issuer', roleClaim: 'roles' };
  const table = plan(wish({ access: { ...closed.access, jwt } })).table;
  const listeners = (mounted: Mounted) =>
    JSON.stringify(
      envoyResources('listeners', table, { namespace: 'ml', clusterDomain: 'c', hasIpv6: false, mounted }),
    );

  test.each<[string, Mounted, string, string]>([
    ['the keys alone knows callers with a key', { keys: '/k' }, 'hasKeys, hasTokens = true, false', 'jwt_authn.v3'],
    ['the issuer alone knows callers with a token', { jwks: '/j' }, 'hasKeys, hasTokens = false, true', '/k'],
    ['both knows both', { keys: '/k', jwks: '/j' }, 'hasKeys, hasTokens = true, true', 'is being replaced'],
    ['none knows nobody', {}, 'is being replaced', 'hasKeys'],
  ])('that has %s', (_, mounted, says, saysNot) => {
    expect(listeners(mounted)).toContain(says);
    expect(listeners(mounted)).not.toContain(saysNot);
  });
});

describe('a pod', () => {
  const table = plan(wish(closed)).table;
  const text = (mounted: Mounted | undefined, type: 'listeners' | 'routes', of = table) =>
    JSON.stringify(envoyResources(type, of, { namespace: 'ml', clusterDomain: 'c', hasIpv6: false, mounted }));

  test('that has the Secret is told to check', () => {
    expect(text({ keys: '/k' }, 'listeners')).toContain('local directory = \\"/k\\"');
    expect(text({ keys: '/k' }, 'routes')).toContain('sluice_nobody');
  });

  test('that has it not is closed, for new connections and for those of before', () => {
    for (const mounted of [undefined, {}]) {
      expect(text(mounted, 'listeners')).toContain('is being replaced');
      expect(text(mounted, 'routes')).not.toMatch(/weighted_clusters|direct_response/);
    }
  });

  test('is open only where nothing is ruled, whatever it has', () => {
    const open = plan(undefined).table;
    expect(text({ keys: '/k' }, 'listeners', open)).toEqual(text(undefined, 'listeners', open));
    expect(text(undefined, 'listeners', open)).not.toContain('lua');
  });
});
