// The routing table in Envoy's words, whole: what a reviewer reads, and test/integration/gateway proves on a real Envoy.
// `UPDATE_GOLDENS=1` writes the file anew; read the difference before committing it.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { longestRequestSeconds } from '@sluice/crds/contract.ts';
import { modelDeploymentSpecSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { parse, stringify } from 'yaml';
import { latencyBuckets } from '../../traffic/latency-buckets.ts';
import type { XdsType } from '../delivery/offer.ts';
import type { RoutingTable } from '../routes.ts';
import { envoyBootstrap } from './bootstrap.ts';
import { envoyResources } from './resources.ts';

const directory = new URL('testdata/', import.meta.url);
const place = { namespace: 'ml', clusterDomain: 'cluster.local', hasIpv6: false };
const since = { changedIn: 1, changedAt: '2026-01-05T10:00:00Z' };
const table: RoutingTable = {
  version: 3,
  routes: [
    {
      deployment: 'digits',
      port: 10_000,
      ...since,
      backends: [
        { revision: 'aaaa', percent: 0, requestTimeoutSeconds: 10 },
        { revision: 'bbbb', version: 'digits-2', percent: 100, requestTimeoutSeconds: 30 },
      ],
    },
    { deployment: 'letters', port: 10_001, ...since, backends: [], cors: { origins: ['https://app.example.com'] } },
  ],
};

const opened: RoutingTable = {
  ...table,
  routes: [
    { deployment: 'digits', port: 10_000, ...since, backends: [], place: { path: '/v2/models/digits' } },
    { deployment: 'letters', port: 10_001, ...since, backends: [], place: { path: '/letters' } },
    { deployment: 'own', port: 10_002, ...since, backends: [], place: { host: 'own.example.com', path: '/' } },
  ],
  front: { trustedProxies: 1 },
};

test.each([
  ['clusters', () => envoyResources('clusters', table, place)],
  ['listeners', () => envoyResources('listeners', table, place)],
  ['routes', () => envoyResources('routes', table, place)],
  [
    'front',
    () =>
      ['clusters', 'listeners', 'routes'].flatMap(
        (type) => envoyResources(type as XdsType, opened, place).at(-1) ?? [],
      ),
  ],
  ['bootstrap', () => envoyBootstrap({ host: 'operator.sluice-system', port: 18_000 }, false)],
] as const)('the %s of a table with one deployment that serves and one that does not', (name, make) => {
  const file = new URL(`${name}.yaml`, directory);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, stringify(make(), { aliasDuplicateObjects: false }));
  expect(make()).toEqual(parse(readFileSync(file, 'utf8')));
});

test('latency buckets grow from half a millisecond, by a sixth at most from 10 ms on', () => {
  expect(latencyBuckets[0]).toBe(0.5);
  for (const [index, bound] of latencyBuckets.entries()) {
    const before = latencyBuckets[index - 1] ?? 0;
    expect(bound).toBeGreaterThan(before);
    if (before >= 10) expect(bound / before).toBeLessThan(7 / 6);
  }
});

test('latency buckets hold the longest request that the schema allows, until the gateway gives up', () => {
  const { requestTimeoutSeconds } = modelDeploymentSpecSchema.shape.server.unwrap().shape;
  expect(requestTimeoutSeconds.safeParse(longestRequestSeconds).success).toBe(true);
  expect(requestTimeoutSeconds.safeParse(longestRequestSeconds + 1).success).toBe(false);
  const slow = { revision: 'cccc', percent: 100, requestTimeoutSeconds: longestRequestSeconds };
  const route = { deployment: 'digits', port: 10_000, ...since, backends: [slow] };
  const [configuration] = envoyResources('routes', { version: 1, routes: [route] }, place);
  const [, seconds] = /"timeout":"(\d+)s"/.exec(JSON.stringify(configuration)) ?? [];
  expect(Number(seconds)).toBeGreaterThan(longestRequestSeconds);
  expect(latencyBuckets.at(-1)).toBeGreaterThan(Number(seconds) * 1000);
});
