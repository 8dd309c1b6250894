// Envoy's polls: what they are answered with, over the wire.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pollSource } from '../../core/gateway/envoy/source.ts';
import { largestVersion, nextRoutingTable, type RoutingTable } from '../../core/gateway/routes.ts';
import { processorMs } from '../../core/testing/bounded-plan.ts';
import { FakeClock } from '../../kube/testing/fake-clock.ts';
import { until } from '../../kube/testing/until.ts';
import { closeServer } from '../status-server.ts';
import { answerDiscovery, startXdsServer } from './server.ts';

const place = { namespace: 'ml', clusterDomain: 'cluster.local', hasIpv6: false };
const backends = [{ revision: 'aaaa', percent: 100, requestTimeoutSeconds: 10 }];
const requests = ['digits', 'letters'].map((deployment) => ({ deployment, port: undefined, backends }));
const table: RoutingTable = { ...nextRoutingTable(requests, undefined, { knownVersion: 4, now: 0 }) };
const ask = (version_info?: string, resource_names?: string[]) => ({
  node: { cluster: 'ml' },
  ...(version_info === undefined ? {} : { version_info }),
  ...(resource_names === undefined ? {} : { resource_names }),
});

describe('a poll', () => {
  test.each([
    ['of somebody who has nothing gets the table', ask(), 200],
    ['of somebody who is behind gets the table', ask('4'), 200],
    ['of somebody who has it gets nothing new', ask('5'), 304],
    ['of somebody who has a newer one never gets an older one', ask('9'), 304],
    ['of somebody who has one of before the numbers began again gets the table', ask(String(largestVersion)), 200],
    ['of somebody whose version is no number gets the table', ask('x'.repeat(10_000)), 200],
  ])('%s', (_, request, status) => {
    expect(answerDiscovery('clusters', request, table, place).status).toBe(status);
  });

  test('of a namespace without a table is told so', () => {
    expect(answerDiscovery('clusters', ask(), undefined, place)).toEqual({ status: 404 });
  });

  test('gets the resources that it names, in the version of the whole table', () => {
    expect(answerDiscovery('routes', ask('', ['letters']), table, place)).toMatchObject({
      body: { version_info: '5', resources: [{ name: 'letters' }] },
    });
  });
});

test('a poll that names very many resources costs no more than its text', () => {
  const routes = Array.from({ length: 1000 }, (_, index) => ({ deployment: `d${index}`, port: undefined, backends }));
  const large = nextRoutingTable(routes, undefined, { knownVersion: 0, now: 0 });
  const names = Array.from({ length: 200_000 }, (_, index) => `no-${index}`);
  const once = processorMs(() => answerDiscovery('clusters', ask('', []), large, place));
  const ms = processorMs(() => answerDiscovery('clusters', ask('', names), large, place));
  expect(ms).toBeLessThan(100 + 20 * once);
});

describe('the xDS server', () => {
  let server: Server;
  const clock = new FakeClock();
  let url = '';
  let persisted = table;
  let tableChanged = (_namespace: string) => {};
  const failures: unknown[] = [];
  beforeAll(async () => {
    server = await startXdsServer({
      port: 0,
      clusterDomain: 'cluster.local',
      hasIpv6: false,
      tableOf: (namespace) => (namespace === 'ml' ? persisted : undefined),
      watchTables: (changed) => {
        tableChanged = changed;
        return () => {};
      },
      clock,
      onFailure: (error) => failures.push(error),
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => closeServer(server));
  const post = async (path: string, body: string) => (await fetch(`${url}${path}`, { method: 'POST', body })).status;

  test.each([
    ['a poll of listeners', '/v3/discovery:listeners', JSON.stringify(ask()), 200],
    [
      'a poll of a pod that says what it has',
      '/v3/discovery:listeners',
      JSON.stringify({ node: { cluster: 'ml', metadata: { 'sluice.mounts': { keys: '/k' } } } }),
      200,
    ],
    [
      'a poll of a pod that says what it cannot have',
      '/v3/discovery:listeners',
      JSON.stringify({ node: { cluster: 'ml', metadata: { 'sluice.mounts': { keys: "'" } } } }),
      400,
    ],
    ['a namespace that has no gateway', '/v3/discovery:routes', '{"node":{"cluster":"other"}}', 404],
    ['a type that is not served', '/v3/discovery:secrets', JSON.stringify(ask()), 404],
    ['a poll that names no namespace', '/v3/discovery:routes', '{}', 400],
    ['a body that is no JSON', '/v3/discovery:routes', '{', 400],
    ['a body that is too long', '/v3/discovery:routes', ' '.repeat(300_000), 413],
  ])('answers %s', async (_, path, body, status) => expect(await post(path, body)).toBe(status));

  /** A poll by somebody who has this table, once it is held. */
  async function heldPoll(): Promise<{ readonly status: Promise<number> }> {
    const status = post('/v3/discovery:clusters', JSON.stringify(ask('5')));
    await until(() => clock.nextTimerMs() !== undefined);
    return { status };
  }

  test('answers a poll that is up to date when the table of its namespace is another one', async () => {
    const { status } = await heldPoll();
    tableChanged('other');
    expect(clock.nextTimerMs()).toBeDefined();
    persisted = { ...table, version: 6 };
    tableChanged('ml');
    expect(await status).toBe(200);
    persisted = table;
  });

  test('answers it in time that there is nothing new, before Envoy gives up', async () => {
    const { status } = await heldPoll();
    await clock.advance(Number.parseFloat(pollSource.api_config_source.request_timeout) * 1000 - 1500);
    expect(await status).toBe(304);
  });

  test('tells of the polls that it could not read', () => expect(failures).toHaveLength(2));

  test('answers GET with 404', async () => expect((await fetch(`${url}/v3/discovery:routes`)).status).toBe(404));
});
