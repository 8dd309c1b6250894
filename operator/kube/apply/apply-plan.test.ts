// Checks which children are created, changed, left and removed.
import { describe, expect, test } from '@jest/globals';
import { type KubeObject, ownerReferenceTo, type Stored } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import { stored } from '../testing/stored.ts';
import { type Desired, type Live, manifestFor, planApply } from './apply-plan.ts';

const owner = stored({ name: 'owner', uid: 'owner-uid' }, { apiVersion: 'test.dev/v1', kind: 'Owner' });

function desired(name: string, data: Record<string, string> = { a: '1' }, rest: Partial<Desired> = {}): Desired {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
  return { resource: RESOURCES.configMaps, object, ...rest };
}

/** What the apiserver has after `wanted` was applied and `change` happened to it. */
function live(wanted: Desired, change: object = {}): Live {
  const manifest: KubeObject = manifestFor(owner, wanted);
  return { resource: wanted.resource, object: { ...stored(manifest.metadata, { ...manifest, ...change }) } as Stored };
}

function outline(wanted: readonly Desired[], found: readonly Live[]): Record<string, unknown> {
  const plan = planApply(owner, wanted, found);
  return {
    missing: plan.missing.map((each) => each.object.metadata.name),
    changed: plan.changed.map((each) => each.live.metadata.name),
    superfluous: plan.superfluous.map((each) => each.object.metadata.name),
    unchanged: plan.unchanged,
  };
}

const nothing = { missing: [], changed: [], superfluous: [], unchanged: 0 };

describe('planApply', () => {
  test('creates what is missing and removes what is superfluous', () => {
    const plan = outline([desired('new')], [live(desired('old'))]);
    expect(plan).toEqual({ ...nothing, missing: ['new'], superfluous: ['old'] });
  });

  test('leaves what is as it should be, whatever the apiserver added', () => {
    const plan = outline([desired('a')], [live(desired('a'), { binaryData: { added: 'x' } })]);
    expect(plan).toEqual({ ...nothing, unchanged: 1 });
  });

  test('heals drift that somebody else caused', () => {
    const plan = outline([desired('a')], [live(desired('a'), { data: { a: 'drifted' } })]);
    expect(plan).toEqual({ ...nothing, changed: ['a'] });
  });

  test('takes back a field that is no longer wanted, though the rest is as it should be', () => {
    const plan = outline([desired('a', { a: '1' })], [live(desired('a', { a: '1', b: '2' }))]);
    expect(plan).toEqual({ ...nothing, changed: ['a'] });
  });

  test('never changes an immutable child', () => {
    const plan = outline([desired('a', { a: '2' }, { immutable: true })], [live(desired('a'))]);
    expect(plan).toEqual({ ...nothing, unchanged: 1 });
  });

  test('lets a child that is being deleted go', () => {
    const dying = live(desired('a'));
    dying.object.metadata.deletionTimestamp = '2026-11-21T10:00:00Z';
    expect(outline([desired('a', { a: '2' })], [dying])).toEqual({ ...nothing, unchanged: 1 });
    expect(outline([], [dying])).toEqual(nothing);
  });

  test('never removes an object that it does not control', () => {
    const kept = live(desired('a', {}, { keep: true }));
    expect(outline([], [kept])).toEqual(nothing);
  });
});

describe('manifestFor', () => {
  test('makes the owner the controller', () => {
    expect(manifestFor(owner, desired('a')).metadata.ownerReferences).toEqual([ownerReferenceTo(owner)]);
  });

  test('leaves a kept object without an owner', () => {
    expect(manifestFor(owner, desired('a', {}, { keep: true })).metadata.ownerReferences).toBeUndefined();
  });

  test('gives equal manifests equal digests, in whatever order their fields are', () => {
    const [one, other] = [
      { a: '1', b: '2' },
      { b: '2', a: '1' },
    ].map((data) => manifestFor(owner, desired('x', data)));
    expect(one?.metadata.annotations).toEqual(other?.metadata.annotations);
  });
});
