// A real Envoy with our bootstrap and our xDS server: what the routing table says is what happens to requests.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nonFiniteStatus, ports } from '@sluice/crds/contract.ts';
import { drainScript } from '@sluice/operator/core/gateway/drain.ts';
import { gatewayPorts } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import { frontPort } from '@sluice/operator/core/gateway/envoy/front.ts';
import type { GatewayState } from '@sluice/operator/core/gateway/observed.ts';
import {
  type Backend,
  firstListenerPort,
  lastListenerPort,
  nextRoutingTable,
  type Route,
  type RoutingTable,
} from '@sluice/operator/core/gateway/routes.ts';
import { latencyBuckets } from '@sluice/operator/core/traffic/latency-buckets.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { gatewayState } from '@sluice/operator/shell/measure/gateway-state.ts';
import { PodPoller } from '@sluice/operator/shell/measure/pod-poller.ts';
import { closeServer } from '@sluice/operator/shell/status-server.ts';
import { startXdsServer } from '@sluice/operator/shell/xds/server.ts';
import { knownGate, shownIdentity } from '@sluice/operator/shell/xds/testing/known-gate.ts';
import { runCommand } from '../../cluster/run-command.ts';
import { freePorts } from '../free-ports.ts';
import { until as untilAnswered } from '../operator/controllers-in-cluster.ts';
import { startDnsServer } from './dns-server.ts';
import { type EnvoyOptions, type EnvoyProcess, startEnvoy } from './envoy-process.ts';
import { startLoad } from './load.ts';

/** Loopback addresses stand for pods: each can listen on the port that every server pod has. */
const addresses = { aaaa: '127.83.0.2', bbbb: '127.83.0.3' };
const hosts = new Map(
  Object.entries(addresses).map(([revision, address]) => [`digits-${revision}.ml.svc.cluster.local`, [address]]),
);
const pod = { name: 'gateway-1', uid: 'gateway-1', ip: '127.0.0.1' };
const backend = (revision: string, percent: number): Backend => ({ revision, percent, requestTimeoutSeconds: 10 });

let table: RoutingTable | undefined;
let url = '';
let listenerPort = 0;
let place: EnvoyOptions | undefined;
let envoy: EnvoyProcess;
const servers: Record<string, Server> = {};
const closing: (() => unknown)[] = [];
let tableChanged = () => {};
function persist(next: RoutingTable): void {
  table = next;
  tableChanged();
}

const poller = new PodPoller<GatewayState>(gatewayState, () => {});
const reading = () => poller.reading(pod.uid)?.report;

async function startBackend(revision: string, address: string): Promise<void> {
  const server = createServer((_request, response) => response.end(revision));
  server.listen(ports.http, address);
  await once(server, 'listening');
  servers[revision] = server;
}

/** Persists the next table, and waits until Envoy says that it has it. */
async function route(...backends: Backend[]): Promise<void> {
  const request = { deployment: 'digits', port: listenerPort, backends };
  const next = nextRoutingTable([request], table, { knownVersion: 0, now: 0 });
  persist(next);
  await until(() => reading()?.routes['digits'] === next.version && reading()?.clusters === next.version, 20_000);
}

/** As in a pod of a cluster with both families, where this machine has both. */
const hasIpv6 = networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') === true;

async function post(): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(url, { method: 'POST', body: '{}' });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** Whether a pod that is told to end now would still wait for a request: as its script asks, without failing its health check. */
async function stillDraining(): Promise<boolean> {
  const script = drainScript(0).replace("ask 'POST /healthcheck/fail' >/dev/null", ':').replace('sleep 1', 'exit 3');
  const end = await runCommand(['bash', '-c', script]).then(
    () => 'ended',
    (error: unknown) => String(error),
  );
  return end !== 'ended';
}

beforeAll(async () => {
  const [xdsPort = 0] = await freePorts(1);
  // One of those that listeners are given; likely another one in another run.
  listenerPort = firstListenerPort + (xdsPort % (lastListenerPort - firstListenerPort - 4));
  url = `http://127.0.0.1:${listenerPort}/v2/models/digits/infer`;
  const failures: unknown[] = [];
  const xds = await startXdsServer({
    port: xdsPort,
    identity: shownIdentity,
    gate: knownGate((error) => failures.push(error)),
    clusterDomain: 'cluster.local',
    hasIpv6,
    tableOf: (namespace) => (namespace === 'ml' ? table : undefined),
    watchTables: (changed) => {
      tableChanged = () => changed('ml');
      return () => {};
    },
    onFailure: (error) => failures.push(error),
  });
  const dns = await startDnsServer(hosts);
  for (const [revision, address] of Object.entries(addresses)) await startBackend(revision, address);
  const known = { certificates: shownIdentity.certificate, token: 'ml' };
  place = { namespace: 'ml', podName: pod.name, xdsPort, dnsPort: dns.port, hasIpv6, ...known };
  envoy = await startEnvoy(place);
  poller.want('ml', [{ pod, everySeconds: 0.1 }]);
  closing.push(
    () => xds.close(),
    () => dns.socket.close(),
    () => expect(failures).toEqual([]),
  );
}, 120_000);

afterAll(async () => {
  await envoy.stop();
  await poller.close();
  for (const server of Object.values(servers)) await closeServer(server);
  for (const close of closing) await close();
});

describe('Envoy', () => {
  test('answers 503 in the words of the protocol before any revision serves', async () => {
    await route();
    await until(() => reading()?.listeners === table?.version);
    expect(await post()).toEqual({
      status: 503,
      type: 'application/json',
      body: expect.stringContaining('no revision of this model serves yet'),
    });
  }, 30_000);

  (hasIpv6 ? test : test.skip)('answers clients and the operator on IPv6 as on IPv4', async () => {
    const places = [`${gatewayPorts.stats}/ready`, `${listenerPort}/v2`];
    const answers = ['127.0.0.1', '[::1]'].map(async (host) =>
      Promise.all(places.map(async (each) => (await fetch(`http://${host}:${each}`)).status)),
    );
    expect(await Promise.all(answers)).toEqual([
      [200, 503],
      [200, 503],
    ]);
  });

  test('says which hosts it has found for a backend that gets no requests yet', async () => {
    await route(backend('aaaa', 0));
    await until(() => reading()?.hosts['digits-aaaa'] === 1);
    expect((await post()).status).toBe(503);
  }, 30_000);

  test('moves all requests under load without losing one, and lets the old backend go', async () => {
    await route(backend('aaaa', 100));
    const stop = startLoad(url, 8);
    await route(backend('aaaa', 100), backend('bbbb', 0));
    await until(() => reading()?.hosts['digits-bbbb'] === 1);
    await route(backend('aaaa', 0), backend('bbbb', 100));
    await route(backend('bbbb', 100));
    if (servers['aaaa']) await closeServer(servers['aaaa']);
    expect((await post()).body).toBe('bbbb');
    const { answers, sent } = await stop();
    expect(answers.get('200 aaaa')).toBeGreaterThan(0);
    expect((answers.get('200 aaaa') ?? 0) + (answers.get('200 bbbb') ?? 0)).toBe(sent);
    expect([...answers.keys()].sort()).toEqual(['200 aaaa', '200 bbbb']);
  }, 60_000);

  test('counts answers, errors and latencies of each backend, and what it failed by itself', async () => {
    const counters = () => reading()?.counters;
    const before = counters()?.backends['digits-bbbb'];
    servers['bbbb']?.removeAllListeners('request').on('request', ({ url: path }, response) => {
      if (path === '/broken') return response.destroy();
      const statuses = new Map([
        ['/fails', 500],
        ['/busy', 429],
        ['/nan', nonFiniteStatus],
      ]);
      response.statusCode = statuses.get(path ?? '') ?? 200;
      return response.end('bbbb');
    });
    for (const path of ['/', '/fails', '/busy', '/nan', '/broken']) await (await fetch(new URL(path, url))).text();
    await until(() => counters()?.backends['digits-bbbb']?.errors === 3);
    const after = counters()?.backends['digits-bbbb'];
    expect((after?.requests ?? 0) - (before?.requests ?? 0)).toBeGreaterThanOrEqual(5);
    expect(after).toMatchObject({ errors: 3, overloaded: 1, nonFinite: 1 });
    const sum = (counts: readonly number[] = []) => counts.reduce((all, count) => all + count, 0);
    await until(() => sum(counters()?.backends['digits-bbbb']?.latency) > sum(before?.latency));
    const said = await fetch(`http://${pod.ip}:${gatewayState.port}${gatewayState.path}`);
    const [histogram = ''] = /^cluster\.digits-bbbb\.upstream_rq_time: B.+$/m.exec(await said.text()) ?? [];
    expect([...histogram.matchAll(/B([\d.e+]+)\(/g)].map(([, edge]) => Number(edge))).toEqual(latencyBuckets);
    // The first requests of all met a route without any backend.
    expect(counters()?.gateway['digits']?.errors).toBeGreaterThan(0);
    servers['bbbb']?.removeAllListeners('request').on('request', (_request, response) => response.end('bbbb'));
  }, 30_000);

  test('says which revision and version gave an answer, whatever it was, and none where the gateway refused', async () => {
    await route({ ...backend('bbbb', 100), version: 'digits-2' });
    servers['bbbb']?.removeAllListeners('request').on('request', ({ url: path }, response) => {
      response.setHeader('sluice-revision', 'cccc');
      if (path === '/broken') response.destroy();
      else response.writeHead(path === '/fails' ? 500 : 200).end('bbbb');
    });
    const ask = async (path: string, init: RequestInit = {}) => {
      const { status, headers } = await fetch(new URL(path, url), init);
      return [status, headers.get('sluice-revision'), headers.get('sluice-version')];
    };
    expect(await ask('/')).toEqual([200, 'bbbb', 'digits-2']);
    expect(await ask('/fails')).toEqual([500, 'bbbb', 'digits-2']);
    expect(await ask('/broken')).toEqual([503, 'bbbb', 'digits-2']);
    expect(await ask('/', { method: 'POST', body: new Uint8Array(9 * 1024 ** 2) })).toEqual([413, null, null]);
    servers['bbbb']?.removeAllListeners('request').on('request', (_request, response) => response.end('bbbb'));
  }, 30_000);

  test.each(['stats', 'admin', 'async-client', 'sluice-xds'].map((name, index) => [name, index + 1] as const))(
    'serves a deployment named %s, counts its requests, and is not ended before they are answered',
    async (deployment, offset) => {
      const good = table;
      if (!good) throw new Error('the test before has made a table');
      hosts.set(`${deployment}-bbbb.ml.svc.cluster.local`, [addresses.bbbb]);
      const port = listenerPort + offset;
      const requests = [
        ...good.routes,
        { deployment, port, backends: [{ ...backend('bbbb', 100), requestTimeoutSeconds: 600 }] },
      ];
      persist(nextRoutingTable(requests, good, { knownVersion: 0, now: 0 }));
      await until(() => reading()?.routes[deployment] === table?.version, 20_000);
      await until(() => reading()?.hosts[`${deployment}-bbbb`] === 1);
      const counted = () => reading()?.counters?.gateway[deployment]?.requests ?? 0;
      const before = counted();
      let answer: (() => void) | undefined;
      servers['bbbb']?.removeAllListeners('request').on('request', (_request, response) => {
        answer = () => response.end('late');
      });
      const request = fetch(`http://127.0.0.1:${port}/v2`);
      await until(() => answer !== undefined);
      await until(() => counted() === before + 1);
      const isAsked = await stillDraining();
      expect(isAsked).toBe(true);
      answer?.();
      expect((await request).status).toBe(200);
      servers['bbbb']?.removeAllListeners('request').on('request', (_request, response) => response.end('bbbb'));
      persist(nextRoutingTable(good.routes, table, { knownVersion: 0, now: 0 }));
      await until(() => reading()?.listeners === table?.version, 20_000);
    },
    60_000,
  );

  describe('that refuses what one deployment needs', () => {
    /** Both deployments, the other one at this port, and of the first so much to the revision that serves. */
    const both = (port: number, percent = 100) =>
      nextRoutingTable(
        [
          { deployment: 'digits', port: listenerPort, backends: [backend('bbbb', percent)] },
          { deployment: 'letters', port, backends: [] },
        ],
        table,
        { knownVersion: 0, now: 0 },
      );
    const isTold = () =>
      [reading()?.listeners, reading()?.clusters, reading()?.routes['digits']].every((each) => each === table?.version);
    const refused = () => reading()?.refusals.deployments ?? [];

    test('goes on with the others, says it in its own words, and takes it when its cause is gone', async () => {
      const port = listenerPort === lastListenerPort ? firstListenerPort : listenerPort + 1;
      const squatter = createServer().listen(port, hasIpv6 ? '::' : '0.0.0.0');
      await once(squatter, 'listening');
      persist(both(port, 0));
      await until(isTold, 20_000);
      const message = expect.stringMatching(/cannot bind '.*': Address already in use/);
      const words = [{ type: 'listeners', name: 'letters', deployment: 'letters', message }];
      expect(reading()?.refusals).toEqual({ deployments: ['letters'], words });
      expect((await post()).status).toBe(503);
      persist(both(port, 100));
      await until(isTold, 20_000);
      expect(await post()).toMatchObject({ status: 200, body: 'bbbb' });
      expect(refused()).toEqual(['letters']);
      await closeServer(squatter);
      await until(() => refused().length === 0, 20_000);
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(503);
    }, 90_000);

    test('says what its schema forbids without the whole resource before it', async () => {
      const { version, routes } = both(listenerPort);
      const changedIn = version + 1;
      const bad = (each: Route) => (each.deployment === 'letters' ? { ...each, port: 70_000, changedIn } : each);
      persist({ version: changedIn, routes: routes.map(bad) });
      await until(() => refused().length > 0, 20_000);
      expect(reading()?.refusals.words[0]?.message).toMatch(
        /^its schema forbids a value|^Proto constraint validation failed/,
      );
      expect(await post()).toMatchObject({ status: 200, body: 'bbbb' });
      persist(both(listenerPort, 0));
      await until(() => isTold() && refused().length === 0, 20_000);
      await route(backend('bbbb', 100));
    }, 60_000);
  });

  test('leads to it by the front while the namespace is open, and not a moment longer', async () => {
    const at = `http://127.0.0.1:${frontPort}/v2/models/digits/infer`;
    const asked = () =>
      fetch(at, { method: 'POST', body: '{}' }).then(
        ({ status }) => status,
        () => 0,
      );
    const request = { deployment: 'digits', port: listenerPort, backends: [backend('bbbb', 100)] };
    const known = { knownVersion: 0, now: 0 };
    const place = { path: '/v2/models/digits' };
    persist(nextRoutingTable([{ ...request, place }], table, { ...known, front: { trustedProxies: 0 } }));
    await untilAnswered(async () => (await asked()) === 200, 20_000);
    persist(nextRoutingTable([request], table, { ...known, front: { trustedProxies: 0 } }));
    await untilAnswered(async () => (await asked()) === 404, 20_000);
    persist(nextRoutingTable([request], table, known));
    await untilAnswered(async () => (await asked()) === 0, 20_000);
    expect(await post()).toMatchObject({ status: 200, body: 'bbbb' });
  }, 60_000);

  test('is not ended by its pod before the last request is answered', async () => {
    let answer = () => {};
    servers['bbbb']?.removeAllListeners('request').on('request', (_request, response) => {
      answer = () => response.end('late');
      held = true;
    });
    let held = false;
    const request = post();
    await until(() => held);
    let hasEnded = false;
    const drained = runCommand(['bash', '-c', drainScript(0)]).then(() => {
      hasEnded = true;
    });
    // Time for two of its looks, a second apart.
    await delay(2500);
    expect(hasEnded).toBe(false);
    answer();
    expect(await request).toMatchObject({ status: 200, body: 'late' });
    await drained;
    servers['bbbb']?.removeAllListeners('request').on('request', (_request, response) => response.end('bbbb'));
  }, 60_000);

  test('takes its routes up again when it is restarted', async () => {
    await envoy.stop();
    await until(() => poller.silence(pod.uid) !== undefined);
    if (place) envoy = await startEnvoy(place);
    await until(() => poller.silence(pod.uid) === undefined && reading()?.routes['digits'] === table?.version, 20_000);
    expect(await post()).toMatchObject({ status: 200, body: 'bbbb' });
  }, 60_000);
});
