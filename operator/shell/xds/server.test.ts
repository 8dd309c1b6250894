// Streams of gateway pods, over the wire: what they are told, and what becomes of strangers.
import { connect } from 'node:net';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { refusalsIn } from '../../core/gateway/delivery/refusals.ts';
import { operatorName } from '../../core/gateway/envoy/operator-link.ts';
import { nextRoutingTable, type RouteRequest, type RoutingTable } from '../../core/gateway/routes.ts';
import { FakeClock } from '../../kube/testing/fake-clock.ts';
import { until } from '../../kube/testing/until.ts';
import { type DeltaRequest, type DeltaResponse, deltaMethod } from './envoy-api.ts';
import { startXdsServer, type XdsServer } from './server.ts';
import { DeltaClient, type DeltaClientOptions, type Taken } from './testing/delta-client.ts';
import { knownGate, shownIdentity } from './testing/known-gate.ts';

const backend = (percent: number) => ({ revision: `r${percent}`, percent, requestTimeoutSeconds: 10 });
const request = (deployment: string, percent = 100): RouteRequest => ({
  ...{ deployment, port: undefined, backends: [backend(percent)] },
});

let server: XdsServer;
const clock = new FakeClock();
let table: RoutingTable | undefined;
let tableChanged = (_namespace: string) => {};
const failures: unknown[] = [];
const closing: (() => void)[] = [];

/** The next table of namespace `ml`, told to whoever listens. */
function ask(...requests: RouteRequest[]): string {
  table = nextRoutingTable(requests, table, { knownVersion: 0, now: 0 });
  tableChanged('ml');
  return String(table.version);
}

async function start(port = 0): Promise<XdsServer> {
  return startXdsServer({
    ...{ port, clusterDomain: 'cluster.local', hasIpv6: false, clock, identity: shownIdentity },
    gate: knownGate((error) => failures.push(error)),
    tableOf: (namespace) => (namespace === 'ml' ? table : undefined),
    watchTables: (changed) => {
      tableChanged = changed;
      return () => {};
    },
    onFailure: (error) => failures.push(error),
  });
}

beforeAll(async () => {
  server = await start();
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(() => {
  server.close();
  expect(failures).toEqual([]);
});

const address = () => `127.0.0.1:${server.port}`;

/** A gateway pod, and all that it took. */
function gateway(changes: Partial<DeltaClientOptions> = {}): { taken: Taken[]; client: DeltaClient } {
  const taken: Taken[] = [];
  const node = { id: 'gateway-1', cluster: 'ml' };
  const client = new DeltaClient({
    ...{ address: address(), node, certificates: shownIdentity.certificate },
    token: async () => 'ml',
    onTaken: (each) => taken.push(each),
    ...changes,
  });
  closing.push(() => client.close());
  return { taken, client };
}

const namesOf = (taken: readonly Taken[], type: string) =>
  taken.filter((each) => each.type === type).flatMap(({ resources }) => resources.map(({ name }) => name));
const hasVersion = (taken: readonly Taken[], version: string) =>
  ['clusters', 'listeners'].every((type) => taken.some((each) => each.type === type && each.version === version));

describe('a gateway pod', () => {
  test('gets the table of its namespace, and of a change what changed', async () => {
    const first = ask(request('digits'), request('letters'));
    const { taken } = gateway();
    await until(() => hasVersion(taken, first) && namesOf(taken, 'routes').length === 2);
    expect(namesOf(taken, 'clusters')).toEqual(['digits-r100', 'letters-r100']);
    taken.splice(0);
    const next = ask(request('digits'), { ...request('letters'), backends: [{ ...backend(100), percent: 0 }] });
    await until(() => hasVersion(taken, next) && namesOf(taken, 'routes').length > 0);
    expect([namesOf(taken, 'clusters'), namesOf(taken, 'listeners'), namesOf(taken, 'routes')]).toEqual([
      ...[[], []],
      ['letters'],
    ]);
  });

  test('hears from another operator only what it has not', async () => {
    const first = ask(request('digits'));
    const { taken } = gateway();
    await until(() => hasVersion(taken, first));
    const { port } = server;
    server.close();
    taken.splice(0);
    server = await start(port);
    const next = ask(request('digits'), request('words'));
    await until(() => hasVersion(taken, next) && namesOf(taken, 'routes').length > 0, 5_000);
    expect(namesOf(taken, 'listeners')).toEqual(['words']);
  });

  test('that refuses one listener gets the others, keeps its words, and is offered it again', async () => {
    let isBad = true;
    const first = ask(request('digits'), request('letters'));
    const refuses = ({ name }: { name: string }) => (isBad && name === 'letters' ? 'port is taken' : undefined);
    const { taken, client } = gateway({ refuses });
    await until(() => hasVersion(taken, first) && client.identifier !== '');
    expect(namesOf(taken, 'listeners')).toEqual(['digits']);
    expect(refusalsIn(client.identifier).words).toMatchObject([{ name: 'letters', message: 'port is taken' }]);
    isBad = false;
    await clock.advance(10_000);
    await until(() => namesOf(taken, 'listeners').includes('letters'));
    await until(() => refusalsIn(client.identifier).words.length === 0);
  });
});

describe('a stream', () => {
  type Opened = {
    readonly ended: Promise<ServiceError>;
    readonly answered: Promise<undefined>;
    write(each: DeltaRequest): void;
  };
  function open(token = 'ml'): Opened {
    const client = new Client(address(), credentials.createSsl(Buffer.from(shownIdentity.certificate)), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.ssl_target_name_override': operatorName,
      'grpc.default_authority': operatorName,
    });
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const { path, requestSerialize, responseDeserialize } = deltaMethod;
    const stream = client.makeBidiStreamRequest<DeltaRequest, DeltaResponse>(
      path,
      requestSerialize,
      responseDeserialize,
      metadata,
    );
    const ended = new Promise<ServiceError>((resolve) => stream.once('error', resolve));
    stream.on('error', () => {});
    closing.push(() => {
      stream.cancel();
      client.close();
    });
    const answered = new Promise<undefined>((resolve) => stream.once('data', () => resolve(undefined)));
    stream.on('data', () => {});
    return { ended, answered, write: (each) => stream.write(each) };
  }
  const hello = (cluster: string, names: readonly string[] = []) => ({
    ...{ node: { cluster }, typeUrl: 'type.googleapis.com/envoy.config.cluster.v3.Cluster' },
    resourceNamesSubscribe: names,
  });

  test('of a namespace that has no gateway is ended', async () => {
    const { ended, write } = open('other');
    write(hello('other'));
    expect((await ended).code).toBe(status.NOT_FOUND);
  });

  test('of a gateway that asks for another namespace is ended, and says nothing of it', async () => {
    ask(request('digits'));
    const { ended, write } = open('other');
    write(hello('ml'));
    expect(await ended).toMatchObject({ code: status.UNAUTHENTICATED, details: 'no gateway pod of this operator' });
  });

  test.each([
    [{ keys: '/k' }, undefined],
    [{ keys: "'" }, status.INVALID_ARGUMENT],
  ])('of a pod that says it has %j is answered, or ended for what no pod can have', async (mounts, code) => {
    ask(request('digits'));
    const { ended, answered, write } = open();
    write({ ...hello('ml'), node: { cluster: 'ml', metadata: { 'sluice.mounts': mounts } } });
    expect(await Promise.race([ended.then((error) => error.code), answered])).toBe(code);
    if (code !== undefined) expect(failures.splice(0)).toHaveLength(1);
  });

  test('that says nothing is ended after ten seconds', async () => {
    const { ended } = open();
    await until(() => clock.nextTimerMs() !== undefined);
    await clock.advance(10_000);
    expect((await ended).code).toBe(status.DEADLINE_EXCEEDED);
  });

  test('that says more than any Envoy is ended', async () => {
    ask(request('digits'));
    const { ended, write } = open();
    write(
      hello(
        'ml',
        Array.from({ length: 20_000 }, (_, index) => `${'x'.repeat(60)}${index}`),
      ),
    );
    expect((await ended).code).toBe(status.RESOURCE_EXHAUSTED);
  });

  test('of which a gateway has too many is ended', async () => {
    ask(request('digits'));
    const streams = Array.from({ length: 70 }, () => open());
    for (const { write } of streams) write(hello('ml'));
    const { code } = await Promise.race(streams.map(({ ended }) => ended));
    expect(code).toBe(status.RESOURCE_EXHAUSTED);
  });

  test('ends when its namespace has no gateway any more', async () => {
    ask(request('digits'));
    const ended = Promise.withResolvers<status>();
    const { taken } = gateway({ onEnd: ({ code }) => ended.resolve(code) });
    await until(() => taken.length > 0);
    table = undefined;
    tableChanged('ml');
    expect(await ended.promise).toBe(status.NOT_FOUND);
  });

  test('of what is no gRPC ends nothing of others', async () => {
    const version = ask(request('digits'));
    const socket = connect(server.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.on('error', () => {});
    const { taken } = gateway();
    await until(() => hasVersion(taken, version));
    socket.destroy();
  });
});
