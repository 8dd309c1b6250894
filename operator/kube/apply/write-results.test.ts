// What admission makes of a write is accepted as long as nobody else changes it.
import { describe, expect, test } from '@jest/globals';
import type { KubeObject, Stored } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import { stored } from '../testing/stored.ts';
import { appliedDigest, type Desired, manifestFor } from './apply-plan.ts';
import { WriteResults } from './write-results.ts';

const owner = stored({ name: 'owner', uid: 'owner-uid' }, { apiVersion: 'test.dev/v1', kind: 'Owner' });

type Container = { readonly name: string; readonly [field: string]: unknown };

const container = { name: 'server', image: 'server:1', imagePullPolicy: 'IfNotPresent', args: ['a'] };

/** A Deployment with these containers, as it is wanted. */
function wanted(
  containers: readonly Container[] = [container],
  labels: Record<string, string> = { app: 'x' },
): KubeObject {
  const object = {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'default', labels } },
    spec: { template: { spec: { containers, tolerations: [{ key: 'gpu', operator: 'Exists' }] } } },
  };
  const desired: Desired = { resource: RESOURCES.deployments, object };
  return manifestFor(owner, desired);
}

/** The manifest as it is stored, changed. */
function storedAs(manifest: KubeObject, template: object, version = '2'): Stored {
  const { metadata } = manifest;
  const spec = { replicas: 1, template: { spec: template } };
  return stored({ ...metadata, uid: 'a', resourceVersion: version }, { ...manifest, spec });
}

const tolerations = [{ key: 'gpu', operator: 'Exists' }];

describe('a write that admission changed', () => {
  test.each<[string, { containers: readonly object[]; tolerations: readonly object[] }]>([
    ['the image, by a registry mirror', { containers: [{ ...container, image: 'mirror/server:1' }], tolerations }],
    [
      'the pull policy, by AlwaysPullImages',
      { containers: [{ ...container, imagePullPolicy: 'Always' }], tolerations },
    ],
    ['a list without names', { containers: [{ ...container, args: ['a', 'b'] }], tolerations }],
    ['a list of names', { containers: [container], tolerations: [{ key: 'other', operator: 'Exists' }] }],
    ['a container that it took away', { containers: [{ name: 'other' }], tolerations }],
  ])('is accepted: %s', (_what, template) => {
    const results = new WriteResults(appliedDigest);
    const manifest = wanted();
    const after = storedAs(manifest, template);
    expect(results.isResult(manifest, after)).toBe(false);
    results.note(manifest, after);
    expect(results.isResult(manifest, after)).toBe(true);
    expect(results.isResult(manifest, storedAs(manifest, template, '3'))).toBe(true);
  });

  const changed = { containers: [{ ...container, image: 'mirror/server:1' }], tolerations };
  const noted = () => {
    const results = new WriteResults(appliedDigest);
    results.note(wanted(), storedAs(wanted(), changed));
    return results;
  };

  test('is not accepted for another manifest', () => {
    const other = wanted([container], { app: 'y' });
    expect(noted().isResult(other, storedAs(other, changed))).toBe(false);
  });

  test('is not accepted once somebody changes what was written', () => {
    const drifted = { containers: [{ ...container, image: 'mirror/server:1', args: ['z'] }], tolerations };
    expect(noted().isResult(wanted(), storedAs(wanted(), drifted))).toBe(false);
  });

  test('is accepted whatever others add', () => {
    const added = { ...changed, containers: [...changed.containers, { name: 'proxy' }], hostNetwork: false };
    expect(noted().isResult(wanted(), storedAs(wanted(), added))).toBe(true);
  });

  test('is forgotten with its object, and when it comes out as it was written', () => {
    const results = noted();
    results.forget(storedAs(wanted(), changed));
    expect(results.isResult(wanted(), storedAs(wanted(), changed))).toBe(false);
    const again = noted();
    again.note(wanted(), storedAs(wanted(), { containers: [container], tolerations }));
    expect(again.isResult(wanted(), storedAs(wanted(), changed))).toBe(false);
  });
});
