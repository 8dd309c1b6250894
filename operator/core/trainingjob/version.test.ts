// The identity of a spec, and the numbers of versions.
import { describe, expect, test } from '@jest/globals';
import type { ObservedVersion } from './observed.ts';
import { digest, observe, spec } from './testing/samples.ts';
import { nextVersionName, specIdentity } from './version.ts';

const numbered = (number: number): ObservedVersion => ({
  metadata: { name: `digits-${number}`, uid: String(number), creationTimestamp: '' },
  spec: { modelName: 'digits', number, bundle: { uri: '', digest: digest('a'), format: 'TFJSLayers' }, lineage: {} },
});

describe('the identity of a spec', () => {
  const source = { persistentVolumeClaim: { claimName: 'elsewhere', path: 'x.csv' } };
  test.each([
    ['resources', { resources: { memory: '8Gi' } }],
    ['deadlines', { deadlines: { activeSeconds: 5 } }],
    ['where the data lies: its digest is in the lineage', { data: { ...spec().data, source } }],
    ['the name of the model', { modelName: 'other' }],
  ])('does not depend on %s', (_, changes) => {
    expect(specIdentity(spec(changes))).toBe(specIdentity(spec()));
  });

  test.each([
    ['the seed', { seed: 1 }],
    ['the target', { data: { ...spec().data, target: 'other' } }],
    ['the trainer', { trainer: { builtin: { task: 'Classification', architecture: { type: 'Logistic' } } } }],
  ])('depends on %s', (_, changes) => {
    expect(specIdentity(spec(changes))).not.toBe(specIdentity(spec()));
  });

  test('does not depend on the order of fields', () => {
    const { data, ...rest } = spec();
    const reversed = Object.fromEntries(Object.entries(data).toReversed());
    expect(specIdentity(spec({ ...rest, data: reversed }))).toBe(specIdentity(spec()));
  });
});

test('the next version has the highest number plus one, also after gaps', () => {
  expect(nextVersionName(observe())).toBe('digits-1');
  expect(nextVersionName(observe({ versions: [numbered(2), numbered(10), numbered(9)] }))).toBe('digits-11');
});
