// What a revision runs as must not depend on the order in which the apiserver hands its settings back.
import { expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { Revision } from '../revision/revision.ts';
import { modelDeployment } from '../testing/samples.ts';
import { podTemplate } from './workloads.ts';

const { server } = modelDeployment().spec;

const data: Revision['data'] = {
  version: 'digits-1',
  digest: `sha256:${'a'.repeat(64)}`,
  uri: `pvc://models/digits/sha256-${'a'.repeat(64)}`,
  modelName: 'digits',
  image: 'server',
  resources: server.resources,
  scheduling: server.scheduling,
  settings: {
    workers: 1,
    queueSize: 64,
    requestTimeoutSeconds: 10,
    drainSeconds: 20,
    maxRequestBytes: 1024,
    maxElements: 8,
  },
};

const settings = {
  serverImage: 'server',
  trainerImage: 'trainer',
  imagePullPolicy: 'IfNotPresent',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  hash: (text: string) => text,
} as const;

test('a revision that was stored and read again runs as the very same pods', () => {
  const sorted = Object.fromEntries(Object.entries(data.settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  const stored: Revision = { revision: 'ab', data: { ...data, settings: sorted as typeof data.settings } };
  expect(Object.keys(stored.data.settings)).not.toEqual(Object.keys(data.settings));
  expect(podTemplate('digits', stored, settings)).toEqual(podTemplate('digits', { revision: 'ab', data }, settings));
});

test.each([
  ['known and small', 40_000, '2Gi', undefined],
  ['known and large', 5 * 1024 ** 3, '5504Mi', '5824Mi'],
  ['not known', 'Unknown' as const, undefined, undefined],
  ['not pinned, by an earlier release', undefined, '2Gi', undefined],
])('a bundle whose size is %s has room on the node, in both containers', (_, bytes, sizeLimit, storage) => {
  const template = podTemplate('digits', { revision: 'ab', data: { ...data, bytes } }, settings);
  const { spec } = JSON.parse(JSON.stringify(template));
  const [fetch] = spec.initContainers;
  const [server] = spec.containers;
  for (const { resources } of [fetch, server]) {
    expect(resources.requests['ephemeral-storage']).toBe(storage);
    expect(resources.limits['ephemeral-storage']).toBe(storage);
  }
  expect(spec.volumes[1]).toEqual({ name: 'model', emptyDir: sizeLimit === undefined ? {} : { sizeLimit } });
  const told = fetch.env.filter(({ name }: { name: string }) => name === 'SLUICE_BUNDLE_BYTES');
  expect(told).toEqual(typeof bytes === 'number' ? [{ name: 'SLUICE_BUNDLE_BYTES', value: String(bytes) }] : []);
});
