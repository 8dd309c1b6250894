// What a spec and a uri name is read as a location, and written back as the same uri.
import { describe, expect, test } from '@jest/globals';
import { bundleUri, bundleUriIn, parseBundleUri, sourceField, sourceLocation, storageLocation } from './locations.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const directory = `sha256-${'a'.repeat(64)}`;

describe('a location', () => {
  test.each([
    [
      { persistentVolumeClaim: { claimName: 'datasets', path: 'digits/train.csv' } },
      { type: 'Claim', claimName: 'datasets', path: 'digits/train.csv' },
      'persistentVolumeClaim.path',
    ],
    [
      { configMap: { name: 'rows', key: 'train.csv' } },
      { type: 'ConfigMap', name: 'rows', path: 'train.csv' },
      'configMap.key',
    ],
  ])('is read from the source %j', (source, location, field) => {
    expect(sourceLocation(source)).toEqual(location);
    expect(sourceField(source)).toBe(field);
  });

  test('is not read from a source that names nothing', () => {
    expect(() => sourceLocation({})).toThrow(/none of persistentVolumeClaim, configMap is set/);
  });

  test('of a bundle is written as its uri, and read from it', () => {
    const storage = storageLocation({ persistentVolumeClaim: { claimName: 'models.of-us' } }, 'digits');
    const uri = bundleUriIn(storage, digest);
    expect(uri).toBe(`pvc://models.of-us/digits/${directory}`);
    expect(bundleUri.safeParse(uri).success).toBe(true);
    expect(parseBundleUri(uri)).toEqual({ type: 'Claim', claimName: 'models.of-us', path: `digits/${directory}` });
  });

  test.each(['', 'digits', `s3://models/digits/${directory}`, `pvc://models/${directory}`, `pvc://m/../${directory}`])(
    'is not read from %j',
    (uri) => {
      expect(parseBundleUri(uri)).toBeUndefined();
    },
  );
});
