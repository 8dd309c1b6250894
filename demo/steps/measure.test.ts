// The operator's figures are read from the text that Prometheus reads.
import { expect, test } from '@jest/globals';
import { parseOperatorFigures, writesBetween } from './measure.ts';

const metrics = (patches: number) => `# TYPE sluice_process_resident_memory_bytes gauge
sluice_process_resident_memory_bytes 104857600
# TYPE sluice_rest_client_requests_total counter
sluice_rest_client_requests_total{code="200",method="GET"} 900
sluice_rest_client_requests_total{code="200",method="PATCH"} ${patches}
sluice_rest_client_requests_total{code="409",method="PATCH"} 2
sluice_rest_client_requests_total{code="201",method="POST"} 7
`;

test('memory is in MiB; whatever reads is no write, and whatever was refused is one', () => {
  const { memoryMiB, writes } = parseOperatorFigures(metrics(40));
  expect(memoryMiB).toBe(100);
  expect(Object.fromEntries(writes)).toEqual({ PATCH: 42, POST: 7 });
});

test('an answer without the memory is none of an operator', () => {
  expect(() => parseOperatorFigures('')).toThrow('process_resident_memory_bytes');
});

test.each([
  ['what came since is counted', 40, 90, 50],
  ['an operator that began anew counts from 0', 40, 5, 7],
])('%s', (_, earlier, later, patches) => {
  const writes = writesBetween(parseOperatorFigures(metrics(earlier)), parseOperatorFigures(metrics(later)));
  expect([...writes]).toEqual([['PATCH', patches]]);
});
