// Two revisions that do what a request tells them to, behind a real Envoy with our configuration: what clients are given, and
// what is counted of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nonFiniteStatus, predictedHeader } from '@sluice/crds/contract.ts';
import { envoyArguments, gatewayPorts } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import { liveClusterName } from '@sluice/operator/core/gateway/envoy/fallback/live-cluster.ts';
import type { RouteFallback } from '@sluice/operator/core/gateway/fallback.ts';
import type { Backend, RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { revisionName } from '@sluice/operator/core/names.ts';
import { gatewayState, parseGatewayStats } from '@sluice/operator/shell/measure/gateway-state.ts';
import { closeServer } from '@sluice/operator/shell/status-server.ts';
import { waitUntil } from '@sluice/server/testing/wait-until.ts';
import { staticBootstrap } from '../../fuzz/place/static-bootstrap.ts';
import { freePorts } from '../free-ports.ts';
import { guardProcesses } from '../process-guard.ts';
import { envoyBinary } from './envoy-binary.ts';

export const revisions = ['aaaa', 'bbbb'] as const;
export type Revision = (typeof revisions)[number];

/** What a revision does with a request; the request says it in the header `x-<revision>`. */
const deeds = {
  answers: (body: Buffer, response: ServerResponse) =>
    response
      .writeHead(200, { [predictedHeader]: 'true', 'content-type': 'application/json', 'x-of': 'model' })
      .end(body),
  fails: (_: Buffer, response: ServerResponse) =>
    response.writeHead(500, { 'retry-after': '7', 'content-encoding': 'identity' }).end('{"error":"failed"}'),
  'answers NaN': (_: Buffer, response: ServerResponse) => response.writeHead(nonFiniteStatus).end('{}'),
  'is stopping': (_: Buffer, response: ServerResponse) => response.writeHead(503).end(),
  'breaks off': (_: Buffer, response: ServerResponse) => response.destroy(),
  'fails and breaks off': (_: Buffer, response: ServerResponse) => {
    response.writeHead(500, { 'content-length': '100' }).write('x', () => response.destroy());
  },
  hangs: () => {},
  'is too busy': (_: Buffer, response: ServerResponse) => response.writeHead(429, { 'retry-after': '1' }).end('{}'),
  'says 400': (_: Buffer, response: ServerResponse) => response.writeHead(400).end('{"error":"no such input"}'),
  'says 404': (_: Buffer, response: ServerResponse) => response.writeHead(404).end('{}'),
} as const;
export type Deed = keyof typeof deeds;
const isDeed = (deed: string): deed is Deed => deed in deeds;

async function answer(revision: Revision, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const deed = String(request.headers[`x-${revision}`] ?? 'answers');
  response.setHeader('x-asked', JSON.stringify(request.headers));
  if (isDeed(deed)) deeds[deed](Buffer.concat(chunks), response);
}

/** A revision whose client may leave in the middle of a request. */
async function startRevision(revision: Revision, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(revision, request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** What a deployment falls back to, and what its revisions get. */
export type Falling = { readonly fallback: RouteFallback; readonly percents: Partial<Record<Revision, number>> };

const versions = { aaaa: 'digits-1', bbbb: 'digits-2' } as const;
const backend = (revision: Revision, percent: number): Backend => ({
  ...{ revision, percent, version: versions[revision], requestTimeoutSeconds: 10 },
});

export type FallbackWorld = {
  /** Where a deployment is asked. */
  url(deployment: string): string;
  /** What the operator reads. */
  counters(): Promise<NonNullable<ReturnType<typeof parseGatewayStats>>['counters']>;
  /** What Prometheus reads of the pod. */
  prometheus(): Promise<string>;
  /** Envoy's own statistics whose names match. */
  stats(filter: string): Promise<string>;
  close(): Promise<void>;
};

export async function startFallbackWorld(deployments: Readonly<Record<string, Falling>>): Promise<FallbackWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-fallback-'));
  const [admin = 0, stats = 0, aaaa = 0, bbbb = 0, ...free] = await freePorts(4 + Object.keys(deployments).length);
  const servers = [await startRevision('aaaa', aaaa), await startRevision('bbbb', bbbb)];
  const ports = new Map([
    [gatewayPorts.admin, admin],
    [gatewayPorts.stats, stats],
  ] as const);
  const table = tableOf(deployments, free);
  const backendPorts = Object.fromEntries(
    table.routes.flatMap(({ deployment }) => [
      [revisionName(deployment, 'aaaa'), aaaa],
      [liveClusterName(deployment, 'aaaa'), aaaa],
      [revisionName(deployment, 'bbbb'), bbbb],
    ]),
  );
  const config = join(directory, 'bootstrap.json');
  await writeFile(config, staticBootstrap({ table, backendPorts, ports }));
  const log = openSync(join(directory, 'envoy.log'), 'w');
  const args = envoyArguments({ config, namespace: 'ml', podName: 'gateway-1' });
  const child = spawn(await envoyBinary(), args, { stdio: ['ignore', log, log], detached: true });
  const stop = guardProcesses(directory, child.pid === undefined ? [] : [child.pid]);
  const read = async (path: string) => (await fetch(`http://127.0.0.1:${stats}${path}`)).text();
  const isReady = () =>
    read('/ready').then(
      (text) => text.startsWith('LIVE'),
      () => false,
    );
  await waitUntil('Envoy is ready', isReady);
  return {
    url: (deployment) => `http://127.0.0.1:${table.routes.find((each) => each.deployment === deployment)?.port}`,
    counters: async () => parseGatewayStats(await read(gatewayState.path))?.counters,
    prometheus: () => read('/stats/prometheus'),
    stats: (filter) => read(`/stats?filter=${encodeURIComponent(filter)}`),
    async close() {
      await stop();
      for (const server of servers) await closeServer(server);
    },
  };
}

const tableOf = (deployments: Readonly<Record<string, Falling>>, ports: readonly number[]): RoutingTable => ({
  version: 1,
  routes: Object.entries(deployments).map(([deployment, { fallback, percents }], index) => ({
    ...{ deployment, port: ports[index] ?? 0, changedIn: 1, changedAt: '2026-01-05T10:00:00Z' },
    backends: revisions.flatMap((revision) => {
      const percent = percents[revision];
      return percent === undefined ? [] : [backend(revision, percent)];
    }),
    fallback,
  })),
});
