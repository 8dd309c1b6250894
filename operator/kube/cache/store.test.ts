// Checks the cache: what it tells its listeners, and that its indices agree with its objects.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OwnerReference } from '../objects.ts';
import { stored } from '../testing/stored.ts';
import { takeList } from '../testing/take-list.ts';
import { Store } from './store.ts';

function record(store: Store): string[] {
  const told: string[] = [];
  store.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.name} ${object.metadata.uid}`));
  return told;
}

function ownedBy(uid: string): OwnerReference[] {
  return [{ apiVersion: 'v1', kind: 'Owner', name: 'owner', uid, controller: true }];
}

describe('changes', () => {
  test('H8: an object that was deleted and made anew in a gap is a deletion and an addition', () => {
    const store = new Store();
    takeList(store, [stored({ name: 'a', uid: 'old' })]);
    const told = record(store);
    takeList(store, [stored({ name: 'a', uid: 'new', resourceVersion: '9' })]);
    expect(told).toEqual(['deleted a old', 'added a new']);
  });

  test('H8: the same holds when a watch event brings the new one', () => {
    const store = new Store();
    store.upsert(stored({ name: 'a', uid: 'old' }));
    const told = record(store);
    store.upsert(stored({ name: 'a', uid: 'new' }));
    expect(told).toEqual(['deleted a old', 'added a new']);
  });

  test('what a new list lacks was deleted; what it repeats is not told', () => {
    const store = new Store();
    takeList(store, [stored({ name: 'a' }), stored({ name: 'b' })]);
    const told = record(store);
    takeList(store, [stored({ name: 'b' })]);
    expect(told).toEqual(['deleted a uid-of-a']);
  });

  test('a late deletion of a predecessor leaves the successor', () => {
    const store = new Store();
    store.upsert(stored({ name: 'a', uid: 'new' }));
    store.remove(stored({ name: 'a', uid: 'old' }));
    expect(store.get('default/a')?.metadata.uid).toBe('new');
  });
});

describe('finding', () => {
  test('by namespace, owner and an index of its own, each following the newest state', () => {
    const store = new Store({ indexes: { app: ({ metadata }) => [metadata.labels?.['app'] ?? ''] } });
    store.upsert(stored({ name: 'a', namespace: 'x', labels: { app: 'one' }, ownerReferences: ownedBy('o1') }));
    const moved = { labels: { app: 'two' }, ownerReferences: ownedBy('o2'), resourceVersion: '2' };
    store.upsert(stored({ name: 'a', namespace: 'x', ...moved }));
    expect(store.inNamespace('x')).toHaveLength(1);
    expect(['o1', 'o2'].map((uid) => store.ownedBy({ namespace: 'x', uid }).length)).toEqual([0, 1]);
    expect([store.indexed('app', 'one').length, store.indexed('app', 'two').length]).toEqual([0, 1]);
  });

  test('by an index that nobody asked for is a mistake', () => {
    expect(() => new Store().indexed('app', 'one')).toThrow('no index app');
  });

  test('indices always agree with the objects', () => {
    const object = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      uid: fc.constantFrom('1', '2'),
      owner: fc.constantFrom('o', 'p'),
    });
    const step = fc.record({ op: fc.constantFrom('upsert', 'remove', 'takeList'), object, version: fc.nat() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const store = new Store();
        for (const {
          op,
          object: { name, uid, owner },
          version,
        } of steps) {
          const each = stored({
            name,
            uid: `${name}-${uid}`,
            resourceVersion: String(version),
            ownerReferences: ownedBy(owner),
          });
          if (op === 'takeList') takeList(store, [each]);
          else if (op === 'upsert') store.upsert(each);
          else store.remove(each);
        }
        const found = ['o', 'p'].flatMap((uid) => store.ownedBy({ namespace: 'default', uid }));
        expect(new Set(found)).toEqual(new Set(store.all()));
        expect(store.inNamespace('default')).toHaveLength(store.size);
      }),
    );
  });
});

describe('being synced', () => {
  test('begins with the first whole list', async () => {
    const store = new Store();
    const synced = store.synced();
    expect(store.hasSynced()).toBe(false);
    takeList(store, []);
    await synced;
    expect(store.hasSynced()).toBe(true);
  });
});
