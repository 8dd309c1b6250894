// Checks names, times and the decoding of what the apiserver sends.
import { describe, expect, test } from '@jest/globals';
import { ShapeError } from './errors.ts';
import { decodeStored, keyOf, microTime, splitKey, time } from './objects.ts';
import { collectionPath, objectPath, RESOURCES } from './resources.ts';
import { stored } from './testing/stored.ts';

describe('times', () => {
  test('H10: MicroTime has exactly six digits', () => {
    expect(microTime(new Date(Date.UTC(2026, 10, 21, 10, 0, 0, 73)))).toBe('2026-11-21T10:00:00.073000Z');
    expect(microTime(new Date(Date.UTC(2026, 10, 21, 10, 0, 0, 0)))).toBe('2026-11-21T10:00:00.000000Z');
  });

  test('Time has whole seconds', () => {
    expect(time(new Date(Date.UTC(2026, 10, 21, 10, 0, 0, 999)))).toBe('2026-11-21T10:00:00Z');
  });
});

describe('decodeStored', () => {
  const raw = { metadata: { name: 'a', uid: 'u', resourceVersion: '7', creationTimestamp: '2026-11-21T10:00:00Z' } };

  test('H9: a list item gets the kind it comes without, and its times stay strings', () => {
    const pod = decodeStored(RESOURCES.pods, structuredClone(raw));
    expect(pod).toMatchObject({ apiVersion: 'v1', kind: 'Pod', metadata: { generation: 0 } });
    expect(typeof pod.metadata.creationTimestamp).toBe('string');
  });

  test('a metadata-only object gets the kind of its resource', () => {
    const partial = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', ...structuredClone(raw) };
    expect(decodeStored(RESOURCES.jobs, partial)).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job' });
  });

  test.each([null, 'text', [], {}, { metadata: {} }, { metadata: { name: 'a', uid: 'u' } }])(
    'refuses %j, which is no stored object',
    (wrong) => expect(() => decodeStored(RESOURCES.pods, wrong)).toThrow(ShapeError),
  );
});

describe('keys and paths', () => {
  test('a key and its name are each other’s inverse', () => {
    expect(keyOf(stored({ name: 'a', namespace: 'ml' }))).toBe('ml/a');
    expect(splitKey('ml/a')).toEqual({ namespace: 'ml', name: 'a' });
    expect(splitKey('node-1')).toEqual({ name: 'node-1' });
  });

  test.each([
    [collectionPath(RESOURCES.pods), '/api/v1/pods'],
    [collectionPath(RESOURCES.pods, 'ml'), '/api/v1/namespaces/ml/pods'],
    [collectionPath(RESOURCES.nodes, 'ml'), '/api/v1/nodes'],
    [
      objectPath(RESOURCES.jobs, { namespace: 'ml', name: 'a' }, 'status'),
      '/apis/batch/v1/namespaces/ml/jobs/a/status',
    ],
  ])('builds %s', (path, expected) => expect(path).toBe(expected));
});
