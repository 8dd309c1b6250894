// Fields of which one thing or another is said, on a real apiserver: whoever keeps manifests in Git gets from any of them to any
// other with one apply, whichever way his tool applies.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kinds } from '@sluice/crds/kinds.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { installCrds, resourceOf } from './installed-crds.ts';
import { type Changes, changed, digest, type Manifest, minimal } from './manifests.ts';

type Union = {
  readonly kind: string;
  readonly path: string;
  /** What may be said, by name: changes to the smallest manifest. */
  readonly ways: Readonly<Record<string, Changes>>;
};

const expose: Union = {
  kind: 'ModelGateway',
  path: 'spec.expose',
  ways: {
    nothing: {},
    ClusterIP: { 'spec.expose': { type: 'ClusterIP' } },
    'ClusterIP behind a proxy': { 'spec.expose': { type: 'ClusterIP', scheme: 'HTTPS', trustedProxies: 1 } },
    LoadBalancer: { 'spec.expose': { type: 'LoadBalancer', loadBalancer: {} } },
    'LoadBalancer of a class': {
      'spec.expose': { type: 'LoadBalancer', loadBalancer: { className: 'lb', sourceRanges: ['10.0.0.0/8'] } },
    },
    Ingress: { 'spec.expose': { type: 'Ingress', host: 'a.example.com', ingress: { className: 'nginx' } } },
    HTTPRoute: { 'spec.expose': { type: 'HTTPRoute', httpRoute: { gatewayName: 'eg', sectionName: 'http' } } },
    TLS: { 'spec.tls': { secretName: 'tls', clientCertificates: 'Required' } },
  },
};
/** kubectl is slow to start. */
const { nothing = {}, 'LoadBalancer of a class': balancer = {}, Ingress = {}, HTTPRoute = {} } = expose.ways;
const fewWays = { nothing, balancer, Ingress, HTTPRoute };

const jwt = { issuer: 'https://id.example.com', audiences: ['sluice'], jwksSecretName: 'jwks', roleClaim: 'scope' };
const unions: readonly Union[] = [
  expose,
  {
    kind: 'ModelGateway',
    path: 'spec.access',
    ways: {
      nothing: {},
      keys: { 'spec.access': { apiKeys: { secretName: 'keys' }, rateLimit: { requestsPerSecond: 5 } } },
      tokens: { 'spec.access': { jwt } },
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
      nothing: {},
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

type Apply = (manifest: Manifest) => Promise<Stored<Manifest>>;

const resourceFor = (manifest: Manifest) => {
  const kind = kinds.find((each) => each.kind === manifest.kind);
  if (kind === undefined) throw new Error(`no kind ${manifest.kind}`);
  return resourceOf(kind);
};

/** As `kubectl apply --server-side`, Flux and Helm do. */
const onServer: Apply = (manifest) => cluster.client.apply(resourceFor(manifest), manifest);

/** As `kubectl apply` and Argo CD do. */
const byKubectl: Apply = (manifest) =>
  new Promise((resolve, reject) => {
    const access = `--kubeconfig=${process.env['SLUICE_TEST_KUBECONFIG'] ?? ''}`;
    const program = join(process.env['SLUICE_TEST_TOOLS'] ?? '', 'kubectl');
    const child = execFile(program, [access, 'apply', '--filename=-', '--output=json'], (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(JSON.parse(stdout)),
    );
    child.stdin?.end(JSON.stringify(manifest));
  });

/** A walk along all ordered pairs. */
const everySwitch = <Item>(items: readonly Item[]): Item[] =>
  items.flatMap((from, index) => [...items.slice(index + 1).flatMap((to) => [from, to]), from]);

describe.each<[string, Apply, readonly Union[]]>([
  ['by the apiserver', onServer, unions],
  ['by kubectl', byKubectl, [{ ...expose, ways: fewWays }]],
])('applied %s', (_, apply, these) => {
  test.each(these)(
    '$path of a $kind may say anything after anything, and then says that alone',
    async (union) => {
      const { [union.kind]: base } = minimal;
      if (base === undefined) throw new Error(`no minimal manifest of ${union.kind}`);
      const metadata = { ...base.metadata, namespace: cluster.namespace };
      const manifests = Object.values(union.ways).map((changes) => changed({ ...base, metadata }, changes));
      const resource = resourceFor(base);
      const remove = ({ metadata: { name, uid, namespace } }: Stored) =>
        cluster.client.delete(resource, { namespace, name }, { uid });
      const known = new Map<Manifest, unknown>();
      for (const manifest of manifests) {
        const made = await cluster.client.create(resource, manifest);
        known.set(manifest, made.spec);
        await remove(made);
      }
      let last: Stored<Manifest> | undefined;
      for (const manifest of everySwitch(manifests)) {
        last = await apply(manifest);
        expect(last.spec).toEqual(known.get(manifest));
      }
      if (last) await remove(last);
    },
    60_000,
  );
});
