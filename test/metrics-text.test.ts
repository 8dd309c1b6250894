// Metrics are read from text that programs of others write.
import { expect, test } from '@jest/globals';
import { parseMetrics, sumOf } from './metrics-text.ts';

const metrics = parseMetrics('# HELP a b\na{x="1",y="2"} 3\na{x="1"} 4\na_total{x="1"} 9\nb 0.5\n');

test('series are summed that have the name and the labels', () => {
  expect(sumOf(metrics, 'a', 'x="1"')).toBe(7);
  expect(sumOf(metrics, 'a', 'y="2"')).toBe(3);
  expect(sumOf(metrics, 'a', 'z="2"')).toBe(0);
});

test('a metric without labels is found by its name', () => {
  expect(metrics.get('b')).toBe(0.5);
  expect(metrics.get('c')).toBeUndefined();
});
