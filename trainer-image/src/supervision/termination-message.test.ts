// The result fits into what the kubelet keeps.
import { expect, test } from '@jest/globals';
import { resultMaxBytes, trainingResultSchema } from '@sluice/crds/contract.ts';
import { encodeResult } from './termination-message.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test('a success with as many metrics as the contract allows fits', () => {
  const metric = {
    name: 'baseline_accuracy',
    split: 'validation',
    value: 0.123456,
    lower: 0.123456,
    upper: 0.123456,
    n: 123_456_789,
  } as const;
  const metrics = Array.from({ length: 16 }, () => metric);
  const bundle = {
    digest,
    specDigest: digest,
    directory: `sha256-${'a'.repeat(64)}`,
    format: 'TFJSLayers',
    bytes: 1e12,
  } as const;
  const text = encodeResult({
    success: { bundle, data: { digest, rows: 1e9, bytes: 1e12 }, metrics, accelerator: 'GPU' },
  });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(resultMaxBytes);
  expect(trainingResultSchema.parse(JSON.parse(text)).success?.metrics).toHaveLength(16);
});

test('a message whose characters take many bytes is cut until it fits', () => {
  const message = '\u0000'.repeat(1024); // six bytes each in JSON
  const text = encodeResult({ failure: { class: 'Internal', message } });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(resultMaxBytes);
  expect(trainingResultSchema.parse(JSON.parse(text)).failure?.message.length).toBeGreaterThan(400);
});
