// Names of images differ between Docker and containerd, and an image that is already in the node is not copied again.
import { describe, expect, test } from '@jest/globals';
import { fullReference, hasImage } from './image-transfer.ts';

describe('the name under which containerd keeps an image', () => {
  test.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1', 'docker.io/library/busybox:1'],
    ['me/app:1', 'docker.io/me/app:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:2', 'localhost:5000/app:2'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['ghcr.io/me/app:1', 'ghcr.io/me/app:1'],
  ])('%s becomes %s', (given, full) => {
    expect(fullReference(given)).toBe(full);
  });
});

describe('whether an image is in the node', () => {
  const listing = [
    'REF TYPE DIGEST SIZE PLATFORMS LABELS',
    'localhost/app:1 application/x sha256:aaa 1 MiB linux/amd64 -',
    'sha256:111      application/x sha256:aaa 1 MiB linux/amd64 -',
    'sha256:222      application/x sha256:bbb 1 MiB linux/amd64 -',
  ].join('\n');

  test('it is when name and id point to the same manifest', () => {
    expect(hasImage(listing, 'localhost/app:1', 'sha256:111')).toBe(true);
  });

  test('it is not when the name points to an older image', () => {
    expect(hasImage(listing, 'localhost/app:1', 'sha256:222')).toBe(false);
  });

  test('it is not when the name is unknown', () => {
    expect(hasImage(listing, 'localhost/other:1', 'sha256:111')).toBe(false);
  });
});
