// A route that falls back, in Envoy's words: what a reviewer reads, and test/integration/gateway proves on a real Envoy.
// `UPDATE_GOLDENS=1` writes the file anew; read the difference before committing it.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { XdsType } from '../../delivery/offer.ts';
import type { Route } from '../../routes.ts';
import { envoyResources } from '../resources.ts';

const file = new URL('../testdata/fallback.yaml', import.meta.url);
const place = { namespace: 'ml', clusterDomain: 'cluster.local', hasIpv6: false };
const route: Route = {
  ...{ deployment: 'digits', port: 10_000, changedIn: 1, changedAt: '2026-01-05T10:00:00Z' },
  backends: [
    { revision: 'aaaa', version: 'digits-1', percent: 95, requestTimeoutSeconds: 10 },
    { revision: 'bbbb', version: 'digits-2', percent: 5, requestTimeoutSeconds: 30 },
  ],
  fallback: {
    afterMilliseconds: 800,
    live: { revision: 'aaaa', requestBytes: 65_536 },
    staticAnswer: '{"model_name":"digits","outputs":[{"name":"label","datatype":"BYTES","shape":[1],"data":["?"]}]}',
  },
};

test('clusters, listener and routes of a deployment with a candidate, a live revision that is asked again, and a static answer', () => {
  const made = ['clusters', 'listeners', 'routes'].flatMap((type) =>
    envoyResources(type as XdsType, { version: 1, routes: [route] }, place),
  );
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, stringify(made, { aliasDuplicateObjects: false }));
  expect(made).toEqual(parse(readFileSync(file, 'utf8')));
});
