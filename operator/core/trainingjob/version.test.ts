// The numbers of versions.
import { expect, test } from '@jest/globals';
import type { ObservedVersion } from './observed.ts';
import { digest } from './testing/samples.ts';
import { nextNumber } from './version.ts';

const numbered = (number: number): ObservedVersion => ({
  metadata: { name: `digits-${number}`, uid: String(number), creationTimestamp: '' },
  spec: { modelName: 'digits', number, bundle: { uri: '', digest: digest('a'), format: 'TFJSLayers' }, lineage: {} },
});

test('the next version has the highest number plus one, also after gaps', () => {
  expect(nextNumber({ versions: [] })).toBe(1);
  expect(nextNumber({ versions: [numbered(2), numbered(10), numbered(9)] })).toBe(11);
});
