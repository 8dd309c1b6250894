// The page of metrics is what the tables make of it, and the process serves what the page names.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { registerFallbackMetric } from './fallback-metrics.ts';
import { createMetrics } from './metrics.ts';
import { metricsReference } from './metrics-reference.ts';
import { registerRolloutMetrics } from './rollout-metrics.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'metrics.md');

test('docs/reference/metrics.md is made from the tables', async () => {
  if (process.env['UPDATE_GOLDENS']) await writeFile(file, metricsReference());
  expect(await readFile(file, 'utf8')).toBe(metricsReference());
});

test('every metric that the page names is served, and what changes by time alone is fresh', async () => {
  const metrics = createMetrics();
  registerRolloutMetrics(metrics.registry, () => []);
  registerFallbackMetric(metrics.registry, { deployments: () => [], statesOf: () => [] });
  let age = 0;
  metrics.beforeAnswer(() => {
    age += 1;
    metrics.instruments.gauge('informer_last_event_age_seconds', age, { resource: 'pods' });
  });
  await metrics.text();
  const text = await metrics.text();
  const named = [...metricsReference().matchAll(/`(sluice_[a-z0-9_]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
  expect(text).toContain('sluice_informer_last_event_age_seconds{resource="pods"} 2');
});
