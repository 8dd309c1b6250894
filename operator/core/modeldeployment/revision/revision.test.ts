// The identity of a revision: equal ingredients have equal names, whatever is not an ingredient does not matter.
import { describe, expect, test } from '@jest/globals';
import { labels } from '../../names.ts';
import { modelDeployment, pinned, settings, startTime, version } from '../testing/samples.ts';
import type { RevisionData } from './revision.ts';
import { revisionOf } from './revision.ts';

const servable = (number: number, bytes?: string) => {
  const { metadata, spec } = version(number, 'True', bytes);
  return { name: metadata.name, digest: spec.bundle.digest, uri: spec.bundle.uri };
};
const nameOf = (server: object, number = 1, bytes?: string) =>
  revisionOf(modelDeployment({ server }), servable(number, bytes), [], settings).revision;
const plain = nameOf({});

const pinnedAs = (name: string, data: RevisionData) => {
  const { metadata } = pinned(1);
  return { metadata: { ...metadata, labels: { [labels.revision]: name } }, revision: 1, data };
};

describe('the name of a revision', () => {
  test.each<[string, object]>([
    ['a new number of replicas', { replicas: 5 }],
    ['pages that may ask', { cors: { origins: ['https://app.example.com'] } }],
    ['the same settings written out', { workers: 1, queueSize: 64, resources: { memory: '256Mi', cpu: '100m' } }],
    ['the usual limits written out', { limits: { requestBytes: 8_388_608, tensorElements: 1_048_576 } }],
    ['the same settings in another order', { resources: { cpu: '100m', memory: '256Mi' }, queueSize: 64 }],
    ['other spellings of its quantities', { resources: { cpu: '0.1', memory: '0.25Gi' } }],
    ['quantities that an apiserver rounds to its own', { resources: { cpu: '99.5m', memory: '268435456' } }],
  ])('is kept by %s', (_, server) => expect(nameOf(server)).toBe(plain));

  test.each<[string, object]>([
    ['cpu', { resources: { cpu: '200m' } }],
    ['memory', { resources: { memory: '512Mi' } }],
    ['workers', { workers: 2 }],
    ['queueSize', { queueSize: 65 }],
    ['requestTimeoutSeconds', { requestTimeoutSeconds: 11 }],
    ['limits.requestBytes', { limits: { requestBytes: 1024 } }],
    ['limits.tensorElements', { limits: { tensorElements: 1 } }],
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

describe('a revision that an earlier release named', () => {
  const odd = { resources: { cpu: '0.3333', memory: '1024Mi' } };
  const same = { resources: { cpu: '334m', memory: '1Gi' } };
  const old = 'aaaaaaaaaa';
  const data = revisionOf(modelDeployment({ server: odd }), servable(1), [], settings).data;
  const asOld = pinnedAs(old, { ...data, resources: odd.resources });

  test.each([odd, same])('keeps its name by what it is made of: %j', (server) => {
    expect(revisionOf(modelDeployment({ server }), servable(1), [asOld], settings).revision).toBe(old);
  });

  test('is not taken for one with other settings, or other bytes', () => {
    const other = { ...same, workers: 2 };
    expect(revisionOf(modelDeployment({ server: other }), servable(1), [asOld], settings).revision).not.toBe(old);
    expect(revisionOf(modelDeployment({ server: same }), servable(2), [asOld], settings).revision).not.toBe(old);
  });

  test('of two with equal content is the one that is live, then the one that was refused', () => {
    const refused = pinnedAs('bbbbbbbbbb', { ...data, resources: same.resources });
    const entry = { revision: 'bbbbbbbbbb', version: 'digits-1', digest: data.digest };
    const rejected = [{ ...entry, gate: 'errors', at: startTime, retryToken: '', message: 'too many' }];
    const name = (status: object) =>
      revisionOf(
        modelDeployment({ server: same }, { observedGeneration: 1, ...status }),
        servable(1),
        [asOld, refused],
        settings,
      ).revision;
    expect(name({ rejected })).toBe('bbbbbbbbbb');
    expect(name({ rejected, stable: { ...entry, revision: old } })).toBe(old);
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
