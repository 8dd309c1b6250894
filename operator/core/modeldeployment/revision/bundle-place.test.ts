// Where pods read the bundle of their revision: where they did, as long as that is there.
import { describe, expect, test } from '@jest/globals';
import { env } from '@sluice/crds/contract.ts';
import type { ModelDeploymentObserved, ObservedWorkload, ServableVersion } from '../observed.ts';
import { planModelDeployment } from '../plan.ts';
import {
  claim,
  modelDeployment,
  observe,
  pinned,
  record,
  revision,
  serverPod,
  settings,
  start,
  version,
  workload,
} from '../testing/samples.ts';
import { podTemplate } from '../workload/workloads.ts';
import { located } from './bundle-place.ts';

const placeIn = (claimName: string) => revision(1).data.uri.replace('models', claimName);

/** A version with the bytes of digits-1, in this claim. */
function copyIn(claimName: string, number: number, ready: 'True' | 'False' = 'True'): ServableVersion {
  const made = version(number, ready, '1');
  return { ...made, spec: { ...made.spec, bundle: { ...made.spec.bundle, uri: placeIn(claimName) } } };
}

/** The Deployment of digits-1, whose pods read from this claim. */
const mounting = (claimName: string): ObservedWorkload => {
  const { revision: own, data } = revision(1);
  const template = podTemplate('digits', { revision: own, data: { ...data, uri: placeIn(claimName) } }, settings);
  return { ...workload(1), spec: { replicas: 2, template } };
};

const doomed = { deletionTimestamp: '2026-01-05T10:00:01Z' };
const [models, other] = [claim('models'), claim('other')];
const missed = serverPod(1, {
  initContainerStatuses: [
    {
      name: 'fetch',
      state: {
        terminated: { exitCode: 21, message: JSON.stringify({ reason: 'BundleMissing', message: 'no files' }) },
      },
    },
  ],
});

/** Where pods of digits-1 are to read, which is live by the name of `as`. */
function place(changes: Partial<ModelDeploymentObserved>, mounted?: ObservedWorkload, as = 6) {
  const live = { ...record(1), version: `digits-${as}` };
  return located(observe(changes), revision(1), { record: live, workload: mounted }).data.uri;
}

describe('pods of a revision', () => {
  const versions = [version(1), copyIn('other', 6)];
  test.each<[string, string, Partial<ModelDeploymentObserved>, ObservedWorkload | undefined]>([
    [
      'read where they did, though the version lies elsewhere',
      'models',
      { versions, claims: [models, other] },
      mounting('models'),
    ],
    [
      'read where they did, though they were pinned elsewhere',
      'other',
      { versions, claims: [models, other] },
      mounting('other'),
    ],
    ['read where the version lies when they are new', 'other', { versions, claims: [models, other] }, undefined],
    [
      'leave a claim that is being deleted',
      'other',
      { versions, claims: [claim('models', doomed), other] },
      mounting('models'),
    ],
    ['leave a claim that is gone', 'other', { versions, claims: [other] }, mounting('models')],
    [
      'leave a claim that lost its volume',
      'other',
      { versions, claims: [{ ...models, status: { phase: 'Lost' } }, other] },
      mounting('models'),
    ],
    [
      'go back where they were pinned, when that is all that is there',
      'models',
      { versions, claims: [models] },
      mounting('other'),
    ],
    [
      'go where another version has the bytes',
      'third',
      { versions: [...versions, copyIn('third', 3)], claims: [claim('third')] },
      mounting('models'),
    ],
    [
      'do not go where nobody has verified them',
      'models',
      { versions: [copyIn('other', 7, 'False')], claims: [other] },
      mounting('models'),
    ],
    ['stay when no place is there', 'models', { versions, claims: [] }, mounting('models')],
    [
      'go where the version lies when they miss the files',
      'other',
      { versions, claims: [models, other], pods: [missed] },
      mounting('models'),
    ],
    [
      'stay where the version lies, files or not',
      'other',
      { versions, claims: [models, other], pods: [missed] },
      mounting('other'),
    ],
  ])('%s', (_, claimName, changes, mounted) => {
    expect(place(changes, mounted)).toBe(placeIn(claimName));
  });

  test('settle: what was decided once is decided again', () => {
    for (const claims of [[models], [other], [models, other], [claim('models', doomed), other], []]) {
      for (const pods of [[], [missed]]) {
        const first = place({ versions, claims, pods }, mounting('models')).split('/')[2] ?? '';
        expect(place({ versions, claims, pods }, mounting(first))).toBe(placeIn(first));
      }
    }
  });
});

test('a claim is retired: the pods mount the new one, under the same revision, with the same pin', () => {
  const live = { ...record(1), version: 'digits-6' };
  const plan = planModelDeployment(
    observe({
      modelDeployment: modelDeployment({}, { observedGeneration: 1, stable: live }),
      versions: [copyIn('other', 6)],
      revisions: [pinned(1)],
      workloads: [mounting('models')],
      claims: [claim('models', doomed), other],
    }),
    start,
    settings,
  );
  const [pin, deployment] = ['ControllerRevision', 'Deployment'].map((kind) =>
    plan.desired.find(({ manifest }) => manifest.kind === kind),
  );
  expect(pin?.manifest).toMatchObject({
    metadata: { name: `digits-${live.revision}` },
    data: { uri: placeIn('models') },
  });
  expect(deployment?.manifest).toMatchObject({
    metadata: { name: `digits-${live.revision}` },
    spec: {
      template: {
        spec: {
          initContainers: [{ env: expect.arrayContaining([{ name: env.bundleUri, value: placeIn('other') }]) }],
          volumes: expect.arrayContaining([
            { name: 'storage', persistentVolumeClaim: { claimName: 'other', readOnly: true } },
          ]),
        },
      },
    },
  });
});
