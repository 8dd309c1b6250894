// The identity of a revision: equal ingredients have equal names, whatever is not an ingredient does not matter.
import { describe, expect, test } from '@jest/globals';
import { revisionOf } from './revision.ts';
import { modelDeployment, pinned, settings, version } from './testing/samples.ts';

const servable = (number: number, bytes?: string) => {
  const { metadata, spec } = version(number, 'True', bytes);
  return { name: metadata.name, digest: spec.bundle.digest, uri: spec.bundle.uri };
};
const nameOf = (server: object, number = 1, bytes?: string) =>
  revisionOf(modelDeployment({ server }), servable(number, bytes), [], settings).revision;
const plain = nameOf({});

describe('the name of a revision', () => {
  test.each<[string, object]>([
    ['a new number of replicas', { replicas: 5 }],
    ['the same settings written out', { workers: 1, queueSize: 64, resources: { memory: '256Mi', cpu: '100m' } }],
    ['the same settings in another order', { resources: { cpu: '100m', memory: '256Mi' }, queueSize: 64 }],
  ])('is kept by %s', (_, server) => expect(nameOf(server)).toBe(plain));

  test.each<[string, object]>([
    ['cpu', { resources: { cpu: '200m' } }],
    ['memory', { resources: { memory: '512Mi' } }],
    ['workers', { workers: 2 }],
    ['queueSize', { queueSize: 65 }],
    ['requestTimeoutSeconds', { requestTimeoutSeconds: 11 }],
    ['scheduling', { scheduling: { nodeSelector: { disk: 'ssd' } } }],
  ])('changes with %s', (_, server) => expect(nameOf(server)).not.toBe(plain));

  test('changes with the bytes of the model, and not with its number', () => {
    expect(nameOf({}, 2)).not.toBe(plain);
    expect(nameOf({}, 2, '1')).toBe(plain);
  });

  test('is ten hexadecimal digits', () => expect(plain).toMatch(/^[0-9a-f]{10}$/));
});

describe('a revision that was pinned', () => {
  test('keeps the image that it was pinned with when the operator brings a new one', () => {
    const upgraded = { ...settings, serverImage: 'server:2' };
    expect(revisionOf(modelDeployment(), servable(1), [pinned(1)], upgraded).data.image).toBe('server:1');
    expect(revisionOf(modelDeployment(), servable(2), [pinned(1)], upgraded).data.image).toBe('server:2');
  });
});

describe('the drain of a server', () => {
  test.each([
    [10, 20],
    [30, 60],
    [600, 600],
  ])('leaves half of it to requests of %i s: %i s', (requestTimeoutSeconds, drainSeconds) => {
    const deployment = modelDeployment({ server: { requestTimeoutSeconds } });
    expect(revisionOf(deployment, servable(1), [], settings).data.settings.drainSeconds).toBe(drainSeconds);
  });
});
