// Two models that are really served, behind a real Envoy, without a cluster: a table for an MLP and pictures for a CNN. Each
// has a listener, a route and a cluster as the operator makes them; only their addresses are of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cors } from '@sluice/crds/v1alpha1/cors.ts';
import { envoyResources } from '@sluice/operator/core/gateway/envoy/resources.ts';
import type { EnvoyResource } from '@sluice/operator/core/gateway/envoy/source.ts';
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { revisionName } from '@sluice/operator/core/names.ts';
import { type RunningServer, startServer } from '@sluice/server/server.ts';
import { age, type BundlePlan, city, digit, pixels, writeTinyBundle } from '@sluice/server/testing/tiny-bundle.ts';
import { waitUntil } from '@sluice/server/testing/wait-until.ts';
import { wasmDirectory } from '@sluice/server/testing/wasm-directory.ts';
import { freePorts } from '../integration/free-ports.ts';
import { envoyBinary } from '../integration/gateway/envoy-binary.ts';
import { guardProcesses } from '../integration/process-guard.ts';

/** The models by name. */
const plans = {
  people: { network: 'MLP', features: [age, city], target: digit },
  digits: { network: 'CNN', features: [pixels], target: digit },
} as const satisfies Record<string, BundlePlan>;
export type ModelName = keyof typeof plans;

/** A ModelDeployment: the model that it serves, nothing when it says none, and the pages that may ask it. */
export type Entry = { readonly model?: ModelName; readonly cors?: Cors };

export type Place<Name extends string> = {
  /** Host and port of each entry at the gateway. */
  readonly hosts: Readonly<Record<Name, string>>;
  close(): Promise<void>;
};

const settings = {
  workers: 1,
  queueSize: 64,
  maxRequestBytes: 1024 * 1024,
  maxElements: 100_000,
  requestTimeoutSeconds: 10,
  drainSeconds: 1,
} as const;
const revision = 'aaaa';
const domain = { namespace: 'ml', clusterDomain: 'cluster.local', hasIpv6: false };

async function serve(directory: string, name: ModelName) {
  await mkdir(directory, { recursive: true });
  const bundle = await writeTinyBundle(directory, plans[name]);
  const server = await startServer({
    model: { name, version: `${name}-1` },
    revision,
    bundleDigest: bundle.digest,
    modelDirectory: bundle.directory,
    wasmDirectory,
    workerFile: new URL('../../server-image/src/workers/worker.ts', import.meta.url),
    httpPort: 0,
    metricsPort: 0,
    settings,
  });
  await server.loaded;
  return server;
}

type Listener = EnvoyResource & { filter_chains: { filters: { typed_config: Record<string, unknown> }[] }[] };

/** The listeners with their routes in them, as nobody pushes any here. */
function listenersOf(table: RoutingTable): object[] {
  const routes = envoyResources('routes', table, domain).map(({ '@type': _, ...rest }) => rest);
  return envoyResources('listeners', table, domain).map((resource) => {
    const listener = structuredClone(resource) as unknown as Listener;
    for (const { typed_config: config } of listener.filter_chains.flatMap(({ filters }) => filters)) {
      delete config['rds'];
      config['route_config'] = { ...routes.find(({ name }) => name === listener.name), validate_clusters: false };
    }
    const { '@type': _, ...rest } = listener;
    return rest;
  });
}

/** The clusters, each with the port of its server. */
const clustersOf = (table: RoutingTable, portOf: (cluster: string) => number | undefined): object[] =>
  envoyResources('clusters', table, domain).map(({ cluster_type: _, '@type': __, ...cluster }) => {
    const address = { socket_address: { address: '127.0.0.1', port_value: portOf(cluster.name) } };
    const endpoints = [{ lb_endpoints: [{ endpoint: { address } }] }];
    return { ...cluster, type: 'STATIC', load_assignment: { cluster_name: cluster.name, endpoints } };
  });

const backends = [{ revision, percent: 100, requestTimeoutSeconds: settings.requestTimeoutSeconds }];

/** A routing table with one live revision of what serves. */
const tableOf = (entries: readonly (readonly [string, Entry])[], ports: readonly number[]): RoutingTable => ({
  version: 1,
  routes: entries.map(([deployment, { model, cors }], index) => ({
    ...{ deployment, port: ports[index] ?? 0, changedIn: 1, changedAt: '2026-01-05T10:00:00Z' },
    backends: model === undefined ? [] : backends,
    ...(cors && { cors }),
  })),
});

async function startEnvoy(directory: string, resources: object): Promise<() => Promise<void>> {
  const config = join(directory, 'envoy.json');
  await writeFile(config, JSON.stringify({ static_resources: resources }));
  const log = openSync(join(directory, 'envoy.log'), 'w');
  const options = ['--concurrency', '2', '--log-level', 'warning', '--disable-hot-restart'];
  const child = spawn(await envoyBinary(), ['--config-path', config, ...options], {
    stdio: ['ignore', log, log],
    detached: true,
  });
  await once(child, 'spawn');
  return guardProcesses(directory, child.pid === undefined ? [] : [child.pid]);
}

async function untilAnswered(host: string, directory: string): Promise<void> {
  const answers = () =>
    fetch(`http://${host}/v2`).then(
      () => true,
      () => false,
    );
  await waitUntil('Envoy answers', answers).catch(async (error: unknown) => {
    const log = await readFile(join(directory, 'envoy.log'), 'utf8');
    throw new Error(`Envoy does not answer at ${host}: ${log.slice(-2000)}`, { cause: error });
  });
}

/** @param entries by their names, which are those of the listeners */
export async function startPlace<Name extends string>(entries: Readonly<Record<Name, Entry>>): Promise<Place<Name>> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-clients-'));
  const listed = Object.entries<Entry>(entries);
  const wanted = [...new Set(listed.flatMap(([, { model }]) => model ?? []))];
  const servers = new Map<ModelName, RunningServer>();
  for (const name of wanted) servers.set(name, await serve(join(directory, name), name));
  const ports = await freePorts(listed.length);
  const table = tableOf(listed, ports);
  const portOf = (cluster: string) => {
    const [, entry] = listed.find(([name]) => revisionName(name, revision) === cluster) ?? [];
    return entry?.model && servers.get(entry.model)?.httpPort;
  };
  const resources = { listeners: listenersOf(table), clusters: clustersOf(table, portOf) };
  const stopEnvoy = await startEnvoy(directory, resources);
  const hosts = listed.map(([name], index) => [name, `127.0.0.1:${ports[index]}`] as const);
  for (const [, host] of hosts) await untilAnswered(host, directory);
  const close = async () => {
    await stopEnvoy();
    await Promise.all([...servers.values()].map((server) => server.drain()));
  };
  return { hosts: Object.fromEntries(hosts) as Record<Name, string>, close };
}
