// A real Envoy with the front's listener, cluster and routes; Node servers stand for the listeners of two ModelDeployments.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gatewayPorts } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import {
  frontCluster,
  frontListener,
  frontPort,
  frontRoutes,
  healthPaths,
} from '@sluice/operator/core/gateway/envoy/front.ts';
import type { Place } from '@sluice/operator/core/gateway/places.ts';
import type { Route } from '@sluice/operator/core/gateway/routes.ts';
import { closeServer } from '@sluice/operator/shell/status-server.ts';
import { until } from '../operator/controllers-in-cluster.ts';
import { guardProcesses } from '../process-guard.ts';
import { envoyBinary } from './envoy-binary.ts';

type Answer = { status: number; body: string };
const servers: Server[] = [];
let endEnvoy: () => Promise<void>;

/** Answers with what it was asked. */
async function startListener(name: string): Promise<number> {
  const server = createServer(async (asked, response) => {
    const bytes = (await text(asked)).length;
    response.end(JSON.stringify({ name, path: asked.url, bytes, headers: asked.headers }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const entry = (deployment: string, port: number, place: Place | undefined): Route => ({
  deployment,
  port,
  changedIn: 1,
  changedAt: '2026-01-05T10:00:00Z',
  backends: [],
  place,
});

/** The listener as Envoy is told it, with its routes written into it. */
function withRoutes(listener: object, routes: object): object {
  const text = JSON.stringify(listener);
  const rds = /"rds":\{"route_config_name".*?\},"http_filters"/s;
  const { '@type': _, ...configuration } = routes as { '@type': string };
  return JSON.parse(text.replace(rds, `"route_config":${JSON.stringify(configuration)},"http_filters"`));
}

const withoutType = ({ '@type': _, ...rest }: { readonly '@type': string }) => rest;

async function startEnvoy(routes: Route[]): Promise<void> {
  const front = { trustedProxies: 1 };
  const listener = withRoutes(
    withoutType(frontListener(front, { hasIpv6: false })),
    frontRoutes({ version: 1, routes, front }),
  );
  const admin = { address: { socket_address: { address: '127.0.0.1', port_value: gatewayPorts.admin } } };
  const config = { admin, static_resources: { listeners: [listener], clusters: [withoutType(frontCluster)] } };
  const directory = await mkdtemp(join(tmpdir(), 'sluice-front-'));
  const file = join(directory, 'envoy.json');
  await writeFile(file, JSON.stringify(config));
  const args = ['--config-path', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'];
  const child = spawn(await envoyBinary(), args, { stdio: 'ignore', detached: true });
  await once(child, 'spawn');
  endEnvoy = guardProcesses(directory, child.pid === undefined ? [] : [child.pid]);
  await until(
    () =>
      ask('/').then(
        ({ status }) => status === 200,
        () => false,
      ),
    20_000,
  );
}

/** The path goes out as it is written. */
async function ask(path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const asking = request({ host: '127.0.0.1', port: frontPort, path, headers, method: body ? 'POST' : 'GET' });
  asking.end(body);
  const [response] = await once(asking, 'response');
  return { status: response.statusCode, body: await text(response) };
}
type Asked = { name: string; path: string; bytes: number; headers: IncomingHttpHeaders };
const asked = ({ body }: Answer): Asked => JSON.parse(body) as Asked;

beforeAll(async () => {
  const [digits, letters] = [await startListener('digits'), await startListener('letters')];
  await startEnvoy([
    entry('digits', digits, { path: '/v2/models/digits' }),
    entry('letters', letters, { path: '/teams/letters' }),
    entry('inner', letters, { path: '/teams' }),
    entry('own', letters, { host: 'letters.example.com', path: '/' }),
    entry('hidden', digits, undefined),
  ]);
}, 120_000);

afterAll(async () => {
  await endEnvoy();
  for (const server of servers) await closeServer(server);
});

describe('the front', () => {
  test.each([
    ['the path of a model as it is', '/v2/models/digits/infer', 'digits', '/v2/models/digits/infer'],
    ['the model itself', '/v2/models/digits', 'digits', '/v2/models/digits'],
    ['a query', '/v2/models/digits/infer?x=1', 'digits', '/v2/models/digits/infer?x=1'],
    ['a path that is taken off', '/teams/letters/v2/models/a/infer', 'letters', '/v2/models/a/infer'],
    ['nothing but such a path', '/teams/letters', 'letters', '/'],
    ['a path above another one', '/teams/v2', 'letters', '/v2'],
  ])('leads %s to its listener', async (_, path, name, expected) => {
    expect(asked(await ask(path))).toMatchObject({ name, path: expected });
  });

  test('leads a host of its own to its model, with any port behind its name', async () => {
    for (const host of ['letters.example.com', 'letters.example.com:8443']) {
      expect(asked(await ask('/v2/models/letters/infer', { host }))).toMatchObject({ name: 'letters' });
    }
  });

  test.each(['/v2/models/digits2/infer', '/v2/models/hidden/infer', '/v2', '/teams2', '/v2/models/letters/infer'])(
    'says 404 in JSON where no model is found: %s',
    async (path) => {
      expect(await ask(path)).toEqual({ status: 404, body: expect.stringMatching(/^\{"error":"no model is found/) });
    },
  );

  test('goes to no other listener, whatever a client writes into its headers', async () => {
    const headers = { 'x-sluice-listener': '127.0.0.1:9901', 'x-envoy-original-dst-host': '127.0.0.1:9901' };
    expect(asked(await ask('/v2/models/digits/infer', headers)).name).toBe('digits');
    expect((await ask('/stats', headers)).status).toBe(404);
  });

  test('believes one proxy, and adds its address', async () => {
    const said = { 'x-forwarded-for': '9.9.9.9, 203.0.113.9', 'x-forwarded-proto': 'https' };
    const { headers } = asked(await ask('/v2/models/digits', said));
    expect(headers['x-forwarded-for']).toMatch(
      /^9\.9\.9\.9, 203\.0\.113\.9,\s?127\.0\.0\.1|^9\.9\.9\.9, 203\.0\.113\.9,/,
    );
    expect(headers['x-forwarded-proto']).toBe('https');
  });

  test('takes a large body, and HTTP/1.0 as old proxies speak it', async () => {
    expect(asked(await ask('/v2/models/digits/infer', {}, 'x'.repeat(5_000_000))).bytes).toBe(5_000_000);
    const socket = connect(frontPort, '127.0.0.1');
    socket.write('GET /v2/models/digits HTTP/1.0\r\nHost: models\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.\d 200 /);
  });

  test('speaks HTTP/2 without TLS to a proxy that begins with it', async () => {
    const session = connectHttp2(`http://127.0.0.1:${frontPort}`);
    const stream = session.request({ ':path': '/v2/models/digits/infer', ':method': 'POST' });
    stream.end('{}');
    const [headers] = await once(stream, 'response');
    expect([headers[':status'], (JSON.parse(await text(stream)) as Asked).bytes]).toEqual([200, 2]);
    session.close();
  });

  test('tells a balancer that it is there until its pod is about to leave, and answers requests meanwhile', async () => {
    const healthy = () => Promise.all([...healthPaths, '/?probe=1'].map(async (path) => (await ask(path)).status));
    expect(await healthy()).toEqual([200, 200, 200, 200]);
    await fetch(`http://127.0.0.1:${gatewayPorts.admin}/healthcheck/fail`, { method: 'POST' });
    expect(await healthy()).toEqual([503, 503, 503, 503]);
    expect((await ask('/v2/models/digits/infer')).status).toBe(200);
  });
});
