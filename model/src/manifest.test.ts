import { describe, expect, test } from '@jest/globals';
import { canonicalBytes, digestOfBytes } from './digest.ts';
import { bundleDirectory, type Manifest, manifestDigest, parseManifest } from './manifest.ts';
import { sampleManifest } from './testing/sample-manifest.ts';

const manifest: Manifest = { ...sampleManifest, files: [{ path: 'model.json', sha256: 'c'.repeat(64), bytes: 5 }] };

describe('parseManifest', () => {
  test('reads what canonicalBytes wrote, and its bytes have the digest of the manifest', () => {
    const bytes = canonicalBytes(manifest);
    expect(parseManifest(bytes)).toEqual(manifest);
    expect(digestOfBytes(bytes)).toBe(manifestDigest(manifest));
  });

  test.each([
    ['bytes that are not JSON', new TextEncoder().encode('{'), 'BundleCorrupt'],
    ['bytes that are not UTF-8', new Uint8Array([0xff]), 'BundleCorrupt'],
    ['JSON with spaces', new TextEncoder().encode('{ }'), 'BundleCorrupt'],
    ['an empty object', canonicalBytes({}), 'BundleUnsupported'],
    [
      'files out of order',
      canonicalBytes({ ...manifest, files: [...manifest.files, { ...manifest.files[0], path: 'a' }] }),
      'BundleUnsupported',
    ],
    [
      'a metric with an unknown name',
      canonicalBytes({ ...manifest, metrics: [{ ...manifest.metrics[0], name: 'luck' }] }),
      'BundleUnsupported',
    ],
    ['more than 16 MiB', new Uint8Array(16 * 1024 * 1024 + 1), 'BundleUnsupported'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(() => parseManifest(bytes)).toThrow(expect.objectContaining({ name: 'BundleError', reason }));
  });

  test('says which member it does not understand', () => {
    const bytes = canonicalBytes({ ...manifest, card: { ...manifest.card, parameters: 'many' } });
    expect(() => parseManifest(bytes)).toThrow('manifest.json is not understood at card.parameters');
  });
});

describe('bundleDirectory', () => {
  test('is the digest with a dash', () => {
    expect(bundleDirectory(`sha256:${'a'.repeat(64)}`)).toBe(`sha256-${'a'.repeat(64)}`);
  });

  test('refuses what is no digest, so that nothing else becomes a path', () => {
    expect(() => bundleDirectory('sha256:../../etc')).toThrow('is not a digest');
  });
});
