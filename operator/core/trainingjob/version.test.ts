// The numbers of versions.
import { expect, test } from '@jest/globals';
import type { ObservedVersion } from './observed.ts';
import { digest, observe } from './testing/samples.ts';
import { nextVersionName } from './version.ts';

const numbered = (number: number): ObservedVersion => ({
  metadata: { name: `digits-${number}`, uid: String(number), creationTimestamp: '' },
  spec: { modelName: 'digits', number, bundle: { uri: '', digest: digest('a'), format: 'TFJSLayers' }, lineage: {} },
});

test('the next version has the highest number plus one, also after gaps', () => {
  expect(nextVersionName(observe())).toBe('digits-1');
  expect(nextVersionName(observe({ versions: [numbered(2), numbered(10), numbered(9)] }))).toBe('digits-11');
});
