// What Prometheus sees of fallbacks is the sum of what the gateway pods say.
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { noRefusals } from '../core/gateway/delivery/refusals.ts';
import type { FallbackCounts, GatewayState } from '../core/gateway/observed.ts';
import { stored } from '../kube/testing/stored.ts';
import { registerFallbackMetric } from './fallback-metrics.ts';

const state = (fallback?: Readonly<Record<string, FallbackCounts>>): GatewayState => ({
  ...{ clusters: 1, listeners: 1, routes: {}, hosts: {}, refusals: noRefusals },
  counters: { backends: {}, gateway: {}, fallback },
});
const counts = (liveVersion: number, staticAnswer: number) => ({ liveVersion, staticAnswer });

test('the metric sums the pods of a namespace, and has nothing of who does not fall back or is gone', async () => {
  const registry = new Registry();
  const digits = stored({ name: 'digits', namespace: 'ml' });
  let objects = [digits, stored({ name: 'letters', namespace: 'ml' }), stored({ name: 'digits', namespace: 'other' })];
  const states = new Map([['ml', [state({ digits: counts(2, 1) }), state({ digits: counts(3, 0) }), state()]]]);
  registerFallbackMetric(registry, {
    deployments: () => objects,
    statesOf: (namespace) => states.get(namespace) ?? [],
  });
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('sluice_'));
  expect(await lines()).toEqual([
    'sluice_fallback_answers{namespace="ml",name="digits",answer="LiveVersion"} 5',
    'sluice_fallback_answers{namespace="ml",name="digits",answer="StaticAnswer"} 1',
  ]);
  objects = [];
  expect(await lines()).toEqual([]);
});
