// Fields of which one thing or another is said, on a real apiserver: whoever keeps manifests in Git gets from any of them to any
// other with one apply, whichever way his tool applies.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, connect } from '../kube/cluster.ts';
import { installCrds } from './installed-crds.ts';
import { type Changes, changed, digest, minimal } from './manifests.ts';

/** By name; each is a whole manifest once it is written into the smallest one of its kind. */
type Ways = Readonly<Record<string, Changes>>;

const unions: readonly { readonly kind: string; readonly path: string; readonly ways: Ways }[] = [
  {
    kind: 'ModelGateway',
    path: 'spec.expose',
    ways: {
      'nothing said': {},
      'an empty object': { 'spec.expose': {} },
      ClusterIP: { 'spec.expose': { type: 'ClusterIP', scheme: 'HTTPS', trustedProxies: 1 } },
      LoadBalancer: {
        'spec.expose': { type: 'LoadBalancer', loadBalancer: { className: 'lb', sourceRanges: ['10.0.0.0/8'] } },
      },
      'LoadBalancer with nothing else': { 'spec.expose': { type: 'LoadBalancer', loadBalancer: {} } },
      Ingress: { 'spec.expose': { type: 'Ingress', host: 'a.example.com', ingress: { className: 'nginx' } } },
      HTTPRoute: { 'spec.expose': { type: 'HTTPRoute', httpRoute: { gatewayName: 'eg', sectionName: 'http' } } },
      TLS: { 'spec.tls': { secretName: 'tls', clientCertificates: 'Required' } },
    },
  },
  {
    kind: 'ModelGateway',
    path: 'spec.access',
    ways: {
      'nothing said': {},
      keys: { 'spec.access': { apiKeys: { secretName: 'keys' }, rateLimit: { requestsPerSecond: 5 } } },
      tokens: {
        'spec.access': {
          jwt: { issuer: 'https://id.example.com', audiences: ['sluice'], jwksSecretName: 'jwks', roleClaim: 'scope' },
        },
      },
    },
  },
  {
    kind: 'ModelDeployment',
    path: 'spec.model',
    ways: {
      track: { 'spec.model': { name: 'digits', track: 'Latest' } },
      version: { 'spec.model': { name: 'digits', version: 'digits-1' } },
      digest: { 'spec.model': { name: 'digits', digest } },
    },
  },
  {
    kind: 'ModelDeployment',
    path: 'spec.expose',
    ways: {
      'nothing said': {},
      'an empty object': { 'spec.expose': {} },
      'a host and a path': { 'spec.expose': { host: 'a.example.com', path: '/x' } },
      'the cluster alone': { 'spec.expose': { visibility: 'ClusterLocal' } },
    },
  },
];

let cluster: Cluster;
beforeAll(async () => {
  cluster = await connect();
  await installCrds(cluster.client);
});
afterAll(() => cluster.close());

/** Resolves to the output; rejects with what kubectl says. */
function kubectl(input: string, ...args: readonly string[]): Promise<string> {
  const tools = process.env['SLUICE_TEST_TOOLS'] ?? '';
  const common = [`--kubeconfig=${process.env['SLUICE_TEST_KUBECONFIG'] ?? ''}`, '--namespace', cluster.namespace];
  return new Promise((resolve, reject) => {
    const child = execFile(join(tools, 'kubectl'), [...common, ...args], (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
}

/** As Helm, Argo CD and Flux apply. */
const appliers = {
  'kubectl apply': ['apply', '--filename=-', '--output=json'],
  'kubectl apply --server-side': ['apply', '--filename=-', '--output=json', '--server-side'],
} as const;

const cases = Object.entries(appliers).flatMap(([applier, args]) =>
  unions.flatMap(({ kind, path, ways }) =>
    Object.keys(ways).map((from) => ({ applier, args, kind, path, ways, from })),
  ),
);

/** What the apiserver makes of a manifest that nothing was applied before. */
async function fresh(manifest: object, args: readonly string[]): Promise<unknown> {
  const made = JSON.parse(await kubectl(JSON.stringify(manifest), ...args)) as { spec: unknown };
  await kubectl(JSON.stringify(manifest), 'delete', '--filename=-');
  return made.spec;
}

describe.each(cases)('$applier of a $kind, $path, from $from', ({ args, kind, ways, from }) => {
  const { [kind]: base } = minimal;
  if (base === undefined) throw new Error(`no minimal manifest of ${kind}`);

  test('to every other, which then says what it says alone', async () => {
    const refused: string[] = [];
    for (const [to, changes] of Object.entries(ways).filter(([name]) => name !== from)) {
      const wanted = await fresh(changed(base, changes), args);
      await kubectl(JSON.stringify(changed(base, ways[from] ?? {})), ...args);
      const { spec } = await kubectl(JSON.stringify(changed(base, changes)), ...args).then(
        (text) => JSON.parse(text) as { spec: unknown },
        (error: Error) => ({ spec: error.message }),
      );
      if (JSON.stringify(spec) !== JSON.stringify(wanted)) refused.push(`to ${to}: ${JSON.stringify(spec)}`);
      await kubectl(JSON.stringify(base), 'delete', '--filename=-');
    }
    expect(refused).toEqual([]);
  }, 60_000);
});
