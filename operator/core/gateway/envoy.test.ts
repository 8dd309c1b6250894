// The routing table in Envoy's words, whole: what a reviewer reads, and test/integration/gateway proves on a real Envoy.
// `UPDATE_GOLDENS=1` writes the file anew; read the difference before committing it.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { envoyBootstrap, latencyBuckets } from './bootstrap.ts';
import { envoyResources } from './envoy.ts';
import type { RoutingTable } from './routes.ts';

const directory = new URL('testdata/', import.meta.url);
const place = { namespace: 'ml', clusterDomain: 'cluster.local' };
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
        { revision: 'bbbb', percent: 100, requestTimeoutSeconds: 30 },
      ],
    },
    { deployment: 'letters', port: 10_001, ...since, backends: [] },
  ],
};

test.each([
  ['clusters', () => envoyResources('clusters', table, place)],
  ['listeners', () => envoyResources('listeners', table, place)],
  ['routes', () => envoyResources('routes', table, place)],
  ['bootstrap', () => envoyBootstrap({ host: 'operator.sluice-system', port: 18_000 })],
] as const)('the %s of a table with one deployment that serves and one that does not', (name, make) => {
  const file = new URL(`${name}.yaml`, directory);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, stringify(make(), { aliasDuplicateObjects: false }));
  expect(make()).toEqual(parse(readFileSync(file, 'utf8')));
});

test('latency buckets grow, each by a quarter, from half a millisecond beyond the longest default request', () => {
  expect(latencyBuckets.every((bound, index) => index === 0 || bound > (latencyBuckets[index - 1] ?? 0))).toBe(true);
  expect(latencyBuckets[0]).toBe(0.5);
  expect(latencyBuckets.at(-1)).toBeGreaterThan(15_000);
});
