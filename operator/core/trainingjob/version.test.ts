// The number of a job's version: the next one, written down first, the same one after a crash; and whose a version is.
import { describe, expect, test } from '@jest/globals';
import { givenKey, highestKey } from '../numbers/numbers.ts';
import type { ObservedVersion, TrainingJobObserved } from './observed.ts';
import { runningWorld, succeeded } from './testing/endings.ts';
import { digest, observe, success, uid } from './testing/samples.ts';
import { World } from './testing/world.ts';
import { nextNumber } from './version.ts';

const reported = `pvc://models/digits/${success.bundle.directory}`;

const numbered = (number: number, bytes = 'a', job?: string, uri = ''): ObservedVersion => ({
  metadata: { name: `digits-${number}`, uid: String(number), creationTimestamp: '' },
  spec: {
    modelName: 'digits',
    number,
    bundle: { uri, digest: digest(bytes), format: 'TFJSLayers' },
    lineage: job === undefined ? {} : { trainingJob: { name: 'digits', uid: job } },
  },
});

const kept = (highest: string, given: unknown = []): TrainingJobObserved['numbers'] => ({
  configMap: {
    metadata: { uid: 'numbers', resourceVersion: '1' },
    data: { [highestKey]: highest, [givenKey]: JSON.stringify(given) },
  },
  highestNamed: 0,
});

describe('the next number', () => {
  test.each<[string, Partial<TrainingJobObserved>, number]>([
    ['of a model without versions is 1', {}, 1],
    ['is the highest plus one, also after gaps', { versions: [numbered(2), numbered(10), numbered(9)] }, 11],
    ['is above the highest that was ever given', { versions: [numbered(2)], numbers: kept('7') }, 8],
    ['is above a version that nobody wrote down', { versions: [numbered(9)], numbers: kept('7') }, 10],
    ['is above what is live, where nothing was written down', { numbers: { highestNamed: 5 } }, 6],
    ['is above the list, when somebody lowered the highest', { numbers: kept('1', [{ number: 4, digest: '' }]) }, 5],
    ['does not need the list', { numbers: kept('7', 'nonsense') }, 8],
  ])('%s', (_, changes, number) => {
    expect(nextNumber(observe(changes))).toBe(number);
  });
});

/** A job whose pod has just ended well, in a namespace with these numbers and versions. */
function endedWorld(numbers?: TrainingJobObserved['numbers'], versions: ObservedVersion[] = []): World {
  const world = runningWorld();
  world.observed = { ...world.observed, versions, ...(numbers && { numbers }) };
  world.endPods(succeeded);
  return world;
}

const kinds = (world: World) => world.round().desired.map(({ manifest, lifetime }) => `${lifetime} ${manifest.kind}`);

describe('a job that ended well', () => {
  test('writes its number down, and makes the version when that is there', () => {
    const world = endedWorld();
    expect(kinds(world)).toEqual(['Retained Job', 'Shared ConfigMap']);
    expect(world.condition('Complete')).toBeUndefined();
    expect(world.observed.numbers.configMap?.data).toEqual({
      highest: '1',
      given: JSON.stringify([{ number: 1, digest: digest('b'), trainingJob: uid }]),
    });
    expect(kinds(world)).toEqual(['Retained Job', 'Independent ModelVersion']);
    expect(world.status.modelVersion).toBe('digits-1');
    world.settle();
    expect(world.observed.numbers.configMap?.metadata.resourceVersion).toBe('1');
  });

  test('gets the number again that was written down for it before a crash', () => {
    const world = endedWorld(
      kept('9', [
        { number: 8, digest: digest('b'), trainingJob: uid },
        { number: 9, digest: '' },
      ]),
    );
    expect(kinds(world)).toEqual(['Retained Job', 'Independent ModelVersion']);
    expect(world.status.modelVersion).toBe('digits-8');
  });

  test('gets another number when somebody made a version of the one that it was given', () => {
    const given = kept('6', [{ number: 6, digest: digest('b'), trainingJob: uid }]);
    const world = endedWorld(given, [numbered(6, 'a', uid)]);
    world.settle();
    expect(world.status.modelVersion).toBe('digits-7');
    expect(world.observed.versions.map(({ metadata }) => metadata.name)).toEqual(['digits-6', 'digits-7']);
  });

  test('never gets the number of a version that was deleted', () => {
    const world = endedWorld(kept('5', [{ number: 5, digest: digest('a'), trainingJob: 'other' }]), [numbered(3)]);
    world.settle();
    expect(world.status.modelVersion).toBe('digits-6');
  });

  test.each([
    ['when the highest number is nonsense', kept('many'), 'NumbersUnreadable'],
    ['when the highest number is no number of a version', kept('9999999999'), 'NumbersUnreadable'],
    ['when the last number is used', kept('2000000000'), 'NumbersExhausted'],
  ])('waits with its result %s, says so, and goes on when that is mended', (_, numbers, reason) => {
    const world = endedWorld(numbers);
    expect(kinds(world)).toEqual(['Retained Job']);
    world.pass(30);
    world.settle();
    expect(world.status.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', reason }));
    const { activeSeconds } = world.status;
    world.setNumbers({ [highestKey]: '3' });
    world.settle();
    expect(world.status).toMatchObject({ modelVersion: 'digits-4', activeSeconds });
  });
});

describe('before training begins', () => {
  test.each([
    ['NumbersUnreadable', kept('many')],
    ['NumbersExhausted', kept('2000000000')],
  ])('%s is said, and nothing is trained', (reason, numbers) => {
    const world = new World();
    world.observed = { ...world.observed, numbers };
    world.settle();
    world.pass(61);
    world.settle();
    expect(world.created).toEqual([]);
    expect(world.status.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', reason }));
  });
});

describe('a version that names the uid of a job', () => {
  test('completes no job that still trains', () => {
    const world = runningWorld();
    world.addVersion(numbered(7, 'b', uid, reported));
    world.settle();
    expect(world.condition('Complete')).toBeUndefined();
  });

  test('is not the version of a job that made other bytes, or put them elsewhere', () => {
    for (const stranger of [numbered(7, 'a', uid, reported), numbered(7, 'b', uid, `${reported}-elsewhere`)]) {
      const world = endedWorld(undefined, [stranger]);
      world.settle();
      expect(world.status.modelVersion).toBe('digits-8');
    }
  });

  test('is the one that a release without numbers made, and could not tell of', () => {
    const world = endedWorld(undefined, [numbered(7, 'b', uid, reported)]);
    expect(kinds(world)).toEqual(['Retained Job']);
    expect(world.status.modelVersion).toBe('digits-7');
  });
});
