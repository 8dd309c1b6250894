// A cache that never hears of our write is brought up to it; nothing else is ever told to it.
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { Store } from '../kube/store.ts';
import { FakeClock } from '../kube/testing/fake-clock.ts';
import { stored } from '../kube/testing/stored.ts';
import { OwnWrites } from './own-writes.ts';

const version = (resourceVersion: string, changes: object = {}) =>
  stored({ name: 'digits', resourceVersion, ...changes });
const [before, after, later] = [version('1'), version('2'), version('3')];
const longMs = 60_000;

let clock: FakeClock;
let store: Store<KubeObject>;
let ownWrites: OwnWrites;
let told: string[];

beforeEach(() => {
  clock = new FakeClock();
  store = new Store<KubeObject>();
  ownWrites = new OwnWrites(store, clock);
  told = [];
  store.upsert(before);
  store.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.resourceVersion}`));
});

const shown = (): Stored | undefined => store.get('default/digits');

test('a cache is behind from the write on until it shows another version', () => {
  expect(ownWrites.isBehind(before)).toBe(false);
  ownWrites.note(before, after);
  expect(ownWrites.isBehind(before)).toBe(true);
  expect(ownWrites.isBehind(after)).toBe(false);
});

test('a write that changes nothing makes no version, and no news of it come', () => {
  ownWrites.note(before, before);
  expect(ownWrites.isBehind(before)).toBe(false);
  expect(clock.nextTimerMs()).toBeUndefined();
});

describe('when news of the write', () => {
  test('never come, the cache is given what was written, once, trimmed like all that it has', async () => {
    ownWrites.note(before, version('2', { managedFields: ['many'] }));
    await clock.advance(4_999);
    expect(told).toEqual([]);
    await clock.advance(longMs);
    expect(told).toEqual(['updated 2']);
    expect(shown()).toEqual(after);
    expect(ownWrites.isBehind(after)).toBe(false);
  });

  test.each([
    ['have come', after],
    ['were overtaken by those of a later write', later],
  ])('%s, nothing is told', async (_, seen) => {
    ownWrites.note(before, after);
    store.upsert(seen);
    await clock.advance(longMs);
    expect(told).toEqual([`updated ${seen.metadata.resourceVersion}`]);
  });

  test('come and are looked at, nothing is waited for any more', () => {
    ownWrites.note(before, after);
    ownWrites.isBehind(after);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  test.each<[string, Stored | undefined]>([
    ['is gone', undefined],
    ['was made anew', version('9', { uid: 'another' })],
  ])('would be of an object that %s, nothing comes back', async (_, present) => {
    ownWrites.note(before, after);
    store.remove(before);
    if (present) store.upsert(present);
    await clock.advance(longMs);
    expect(shown()).toEqual(present);
  });

  test('are not there yet when the next write is accepted, only the last one is told', async () => {
    ownWrites.note(before, after);
    store.upsert(after);
    ownWrites.note(after, later);
    expect(ownWrites.isBehind(after)).toBe(true);
    await clock.advance(longMs);
    expect(told).toEqual(['updated 2', 'updated 3']);
  });
});
