// What a cache never hears of is read for it, once; a cache that hears costs no request and is told nothing.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Store } from '../cache/store.ts';
import { NetworkError } from '../errors.ts';
import { type KubeObject, ownerReferenceTo, type Stored } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { stored } from '../testing/stored.ts';
import { OwnWrites } from './own-writes.ts';

const { configMaps } = RESOURCES;
const version = (resourceVersion: string, changes: object = {}) =>
  stored({ name: 'digits', resourceVersion, ...changes });
const [before, after, later] = [version('1'), version('2'), version('3')];
const longMs = 60_000;

let clock: FakeClock;
let store: Store<KubeObject>;
let ownWrites: OwnWrites;
let told: string[];
let asked: number;
let troubles: unknown[];
/** What the apiserver has. */
let present: () => Stored | undefined;

beforeEach(() => {
  clock = new FakeClock();
  store = new Store<KubeObject>();
  [told, asked, troubles] = [[], 0, []];
  present = () => undefined;
  const find = async () => {
    asked += 1;
    return structuredClone(present()) as never;
  };
  const caches = [{ resource: configMaps, store }];
  ownWrites = new OwnWrites({ client: { find }, caches, clock, onTrouble: (error) => troubles.push(error) });
  store.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.resourceVersion}`));
});

/** The cache hears of this; what it told until then is forgotten. */
function show(object: Stored): void {
  store.upsert(object);
  told.length = 0;
}

describe('a cache is behind', () => {
  test('from the write on until it shows another version', () => {
    show(before);
    expect(ownWrites.isBehind(before)).toBe(false);
    ownWrites.note(configMaps, { before, after });
    expect(ownWrites.isBehind(before)).toBe(true);
    show(after);
    expect(ownWrites.isBehind(after)).toBe(false);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  test('for an owner until the news of every child have come, also of one that is gone again', () => {
    const owner = version('7', { name: 'owner', uid: 'uid-of-owner' });
    const child = (name: string) => stored({ name, ownerReferences: [ownerReferenceTo(owner)] });
    for (const name of ['a', 'b']) ownWrites.note(configMaps, { after: child(name) });
    show(child('a'));
    expect(ownWrites.isBehind(owner)).toBe(true);
    show(child('b'));
    store.remove(child('b'));
    expect(ownWrites.isBehind(owner)).toBe(false);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  test.each<[string, () => void]>([
    ['that changed nothing', () => ownWrites.note(configMaps, { before, after: before })],
    [
      'of which it has heard before the answer came',
      () => ownWrites.note(configMaps, { before: version('0'), after: before }),
    ],
    ['of a kind that it does not hold', () => ownWrites.note(RESOURCES.services, { before, after })],
  ])('not after a write %s', (_, write) => {
    show(before);
    write();
    expect(ownWrites.isBehind(before)).toBe(false);
    expect(clock.nextTimerMs()).toBeUndefined();
  });
});

describe('when news never come', () => {
  test.each<[string, Stored | undefined, Stored | undefined, Stored | undefined, string[]]>([
    ['of a change, the cache is given what is there', before, after, after, ['updated 2']],
    ['of a change, and of what came after it, the newest is told', before, after, later, ['updated 3']],
    ['of a change of what is gone by then, it is removed', before, after, undefined, ['deleted 1']],
    ['of an object that was made, it is added', undefined, after, after, ['added 2']],
    ['of one that was made and is gone again, nothing comes back', undefined, after, undefined, []],
    ['of a deletion, it is removed', before, undefined, undefined, ['deleted 1']],
    ['of a deletion that has only begun, that is told', before, undefined, later, ['updated 3']],
  ])('%s', async (_, was, becomes, isNow, expected) => {
    if (was) show(was);
    present = () => isNow;
    if (becomes) ownWrites.note(configMaps, { ...(was && { before: was }), after: becomes });
    else if (was) ownWrites.note(configMaps, { before: was });
    await clock.advance(4_999);
    expect([asked, told]).toEqual([0, []]);
    await clock.advance(longMs);
    expect([asked, told]).toEqual([1, expected]);
    expect(store.get('default/digits')).toEqual(isNow);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  test('what is read is trimmed like all that a cache has', async () => {
    show(before);
    present = () => version('2', { managedFields: ['many'] });
    ownWrites.note(configMaps, { before, after });
    await clock.advance(longMs);
    expect(store.get('default/digits')).toEqual(after);
  });

  test('and the apiserver does not answer, it is asked again, and the cache stays behind', async () => {
    show(before);
    present = () => {
      throw new NetworkError('down');
    };
    ownWrites.note(configMaps, { before, after });
    await clock.advance(6_000);
    expect([asked, troubles.length, ownWrites.isBehind(before)]).toEqual([1, 1, true]);
    present = () => after;
    await clock.advance(longMs);
    expect([asked, told]).toEqual([2, ['updated 2']]);
  });
});

describe('no request is made', () => {
  test.each([
    ['when the news have come', after],
    ['when they were overtaken by those of a later write', later],
    ['when the object was made anew', version('9', { uid: 'another' })],
  ])('%s', async (_, seen) => {
    show(before);
    ownWrites.note(configMaps, { before, after });
    show(seen);
    await clock.advance(longMs);
    expect([asked, told]).toEqual([0, []]);
  });

  test('for a write before the last one', async () => {
    show(before);
    present = () => later;
    ownWrites.note(configMaps, { before, after });
    await clock.advance(3_000);
    show(after);
    ownWrites.note(configMaps, { before: after, after: later });
    await clock.advance(4_000);
    expect([asked, ownWrites.isBehind(after)]).toEqual([0, true]);
  });

  test('after the end', async () => {
    show(before);
    ownWrites.note(configMaps, { before, after });
    ownWrites.close();
    ownWrites.note(configMaps, { before, after });
    await clock.advance(longMs);
    expect(asked).toBe(0);
  });
});

test('what comes while the apiserver is asked is not written over', async () => {
  show(before);
  present = () => {
    show(later);
    return after;
  };
  ownWrites.note(configMaps, { before, after });
  await clock.advance(longMs);
  expect(store.get('default/digits')).toEqual(later);
});
