// Which version is wanted.
import { describe, expect, test } from '@jest/globals';
import type { ServableVersion } from '../observed.ts';
import { modelDeployment, pinned, record, version } from '../testing/samples.ts';
import { chooseVersion } from './choose.ts';

const serving = (number: number) => modelDeployment({}, { observedGeneration: 1, stable: record(number) });
const pinnedTo = (name: string) => modelDeployment({ model: { name: 'digits', version: name } });

describe('a deployment that tracks Latest', () => {
  test.each([
    ['takes the highest number, not the newest name', modelDeployment(), [version(9), version(10)], 'digits-10'],
    ['passes over a version that is not Ready', modelDeployment(), [version(1), version(2, 'False')], 'digits-1'],
    ['goes on to a newer version', serving(1), [version(1), version(2)], 'digits-2'],
    ['stays when the newest version is deleted', serving(2), [version(1)], 'digits-2'],
    [
      'stays when the version that serves is not Ready any more',
      serving(2),
      [version(1), version(2, 'False')],
      'digits-2',
    ],
    ['goes on from a version that was deleted', serving(2), [version(1), version(3)], 'digits-3'],
  ])('%s', (_, deployment, versions, name) => {
    expect(chooseVersion(deployment, versions, [pinned(1), pinned(2)]).version?.name).toBe(name);
  });

  test('does not choose a version that is being deleted', () => {
    const doomed = version(2);
    const versions = [version(1), { ...doomed, metadata: { ...doomed.metadata, deletionTimestamp: 'now' } }];
    expect(chooseVersion(modelDeployment(), versions, []).version?.name).toBe('digits-1');
  });

  test('begins anew when the model changes, whatever served before', () => {
    const letters = modelDeployment({ model: { name: 'letters', track: 'Latest' } }, serving(2).status);
    expect(chooseVersion(letters, [], [pinned(2)]).problem?.reason).toBe('NoVersion');
  });

  describe('with the bytes of digits-2 in digits-5, which is live', () => {
    const bytesOfTwo = version(5, 'True', '2');
    const { digest } = bytesOfTwo.spec.bundle;
    const stable = { ...record(2), version: 'digits-5' };
    const deployment = modelDeployment({}, { observedGeneration: 1, stable });
    const chosen = (...versions: ServableVersion[]) => chooseVersion(deployment, versions, [pinned(2), pinned(3)]);

    test('stays when digits-5 is deleted, and knows where its bytes lie by the pin', () => {
      const { uri } = version(2).spec.bundle;
      const stays = { version: expect.objectContaining({ name: 'digits-5', digest, uri }) };
      expect(chosen(version(2), version(3))).toEqual(stays);
      expect(
        chosen(version(3), { ...bytesOfTwo, metadata: { ...bytesOfTwo.metadata, deletionTimestamp: 'now' } }),
      ).toEqual(stays);
    });

    test('stays when digits-5 is made anew with other bytes', () => {
      expect(chosen(version(3), version(5)).version?.digest).toBe(digest);
    });

    test('goes on to digits-6', () => {
      expect(chosen(version(2), version(3), version(6)).version?.name).toBe('digits-6');
    });
  });

  test('stays as it is when nothing says any more where the bytes lie that are live', () => {
    expect(chooseVersion(serving(2), [version(1)], [])).toEqual({});
  });

  test('says how to get a first version', () => {
    expect(chooseVersion(modelDeployment(), [version(1, 'False')], []).problem).toEqual({
      reason: 'NoVersion',
      message: 'no ModelVersion of model digits is Ready; apply a TrainingJob with modelName digits',
      stalled: false,
    });
  });
});

describe('a deployment that pins a version', () => {
  test('takes it, even if it is older than what serves', () => {
    const deployment = { ...pinnedTo('digits-1'), status: serving(2).status };
    expect(chooseVersion(deployment, [version(1), version(2)], []).version?.name).toBe('digits-1');
  });

  test('does not take one that is being deleted', () => {
    const doomed = version(3);
    const versions = [{ ...doomed, metadata: { ...doomed.metadata, deletionTimestamp: 'now' } }];
    expect(chooseVersion(pinnedTo('digits-3'), versions, []).problem).toMatchObject({ reason: 'VersionNotFound' });
  });

  test('is stalled when there is no such version', () => {
    expect(chooseVersion(pinnedTo('digits-3'), [version(1)], []).problem).toMatchObject({
      reason: 'VersionNotFound',
      stalled: true,
    });
  });

  test('waits for a version that is not Ready, and says what it lacks', () => {
    expect(chooseVersion(pinnedTo('digits-1'), [version(1, 'False')], []).problem).toEqual({
      reason: 'VersionNotReady',
      message: 'ModelVersion digits-1 is not Ready: its bundle is missing',
      stalled: false,
    });
  });
});

describe('a deployment that pins the bytes of a model', () => {
  const { digest, uri } = version(2).spec.bundle;
  const pinned2 = { model: { name: 'digits', digest } };
  const chosen = (versions: ServableVersion[], stable = record(9)) =>
    chooseVersion(modelDeployment(pinned2, { observedGeneration: 1, stable }), versions, [pinned(2)]);
  const same = (number: number, ready: 'True' | 'False' = 'True') => version(number, ready, '2');

  test.each<[string, ServableVersion[], string]>([
    ['takes the newest number that has them', [version(2), same(4), version(5)], 'digits-4'],
    ['passes over a number that is not Ready', [version(2), same(4, 'False')], 'digits-2'],
  ])('%s', (_, versions, name) => {
    expect(chosen(versions).version?.name).toBe(name);
  });

  test('leaves what is live under its name, also when every version is gone', () => {
    expect(chosen([version(2), same(4)], record(2)).version?.name).toBe('digits-2');
    expect(chosen([], record(2)).version).toMatchObject({ name: 'digits-2', digest, uri });
  });

  test('waits for a version that is not Ready, and is stalled without one', () => {
    expect(chosen([same(4, 'False')]).problem).toMatchObject({ reason: 'VersionNotReady', stalled: false });
    expect(chosen([version(5)]).problem).toMatchObject({ reason: 'VersionNotFound', stalled: true });
  });
});
