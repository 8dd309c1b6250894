// The routing table: versions only grow, ports stay, and what did not change is not new.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RouteFallback } from './fallback.ts';
import {
  firstListenerPort,
  isFull,
  lastListenerPort,
  nextRoutingTable,
  type RouteRequest,
  type RoutingTable,
  routingTableSchema,
} from './routes.ts';

const now = Date.parse('2026-01-05T10:00:00Z');
const backend = (revision: string, percent: number) => ({ revision, percent, requestTimeoutSeconds: 10 });
const request = (deployment: string, changes: Partial<RouteRequest> = {}): RouteRequest => ({
  deployment,
  port: undefined,
  backends: [],
  ...changes,
});
const next = (requests: readonly RouteRequest[], previous?: RoutingTable, knownVersion = 0) =>
  nextRoutingTable(requests, previous, { knownVersion, now });
const ports = ({ routes }: RoutingTable) =>
  Object.fromEntries(routes.map(({ deployment, port }) => [deployment, port]));

describe('listener ports', () => {
  test('are the lowest free ones, in order of name', () => {
    expect(ports(next([request('b'), request('a')]))).toEqual({ a: 10_000, b: 10_001 });
  });

  test('stay when others come and go', () => {
    const two = next([request('b'), request('c')]);
    expect(ports(next([request('a'), request('c')], two))).toEqual({ a: 10_000, c: 10_001 });
  });

  test('are taken up from the status when the table was lost', () => {
    expect(ports(next([request('a'), request('b', { port: 10_000 })]))).toEqual({ a: 10_001, b: 10_000 });
  });

  test('in the table win over one in a status that was restored from elsewhere', () => {
    const table = next([request('b')]);
    expect(ports(next([request('a', { port: 10_000 }), request('b')], table))).toEqual({ a: 10_001, b: 10_000 });
  });

  test('run out: the deployment has no entry, and the table says that it is full', () => {
    const count = lastListenerPort - firstListenerPort + 1;
    const all = next(Array.from({ length: count + 1 }, (_, index) => request(`d${String(index).padStart(4, '0')}`)));
    expect(all.routes).toHaveLength(count);
    expect(isFull(all)).toBe(true);
    expect(isFull(next([request('a')], all))).toBe(false);
  });
});

describe('versions', () => {
  const before = next([request('a', { backends: [backend('1', 100)] }), request('b')]);

  test('stay while nothing changes, in whatever order it is asked for', () => {
    expect(next([request('b'), request('a', { backends: [backend('1', 100)] })], before)).toBe(before);
  });

  test('grow by one with a change, and only the entry that changed is new', () => {
    const after = next([request('a', { backends: [backend('1', 0), backend('2', 100)] }), request('b')], before);
    expect(after.version).toBe(before.version + 1);
    expect(after.routes.map(({ deployment, changedIn }) => [deployment, changedIn])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });

  test('grow when other pages may ask, and stay while the same may', () => {
    const open = (...origins: string[]) => request('b', { cors: { origins } });
    const some = next([request('a', { backends: [backend('1', 100)] }), open('https://a.example.com')], before);
    expect(some.routes.map(({ changedIn, cors }) => [changedIn, cors?.origins])).toEqual([
      [1, undefined],
      [2, ['https://a.example.com']],
    ]);
    expect(next([request('a', { backends: [backend('1', 100)] }), open('https://a.example.com')], some)).toBe(some);
    expect(next([request('a', { backends: [backend('1', 100)] }), open('*')], some).version).toBe(3);
    expect(routingTableSchema.parse(some)).toEqual(some);
  });

  test('grow when clients are given other answers, and stay while they are given the same', () => {
    const backends = [backend('1', 100)];
    const falling = (fallback: RouteFallback) => [request('a', { backends, fallback }), request('b')];
    const wish = { afterMilliseconds: 800, live: { revision: '1', requestBytes: 65_536 }, staticAnswer: '{}' };
    const some = next(falling(wish), before);
    expect(some.routes.map(({ changedIn, fallback }) => [changedIn, fallback])).toEqual([
      [2, wish],
      [1, undefined],
    ]);
    const read = routingTableSchema.parse(JSON.parse(JSON.stringify(some)));
    expect(next(falling(wish), read)).toBe(read);
    for (const other of [{}, { ...wish, afterMilliseconds: 900 }, { ...wish, live: { ...wish.live, revision: '2' } }])
      expect(next(falling(other), some).version).toBe(3);
    expect(next([request('a', { backends }), request('b')], some).routes[0]).not.toHaveProperty('fallback');
  });

  test('grow when a deployment goes', () => expect(next([request('b')], before).version).toBe(2));

  test('go beyond what any gateway has, and every entry is new, when the table was lost', () => {
    const rebuilt = next([request('a', { backends: [backend('1', 100)] }), request('b')], before, 7);
    expect(rebuilt.version).toBe(8);
    expect(rebuilt.routes.map(({ changedIn }) => changedIn)).toEqual([8, 8]);
  });
});

describe('any sequence of requests', () => {
  const requests = fc.uniqueArray(
    fc.record({
      deployment: fc.constantFrom('a', 'b', 'c', 'd'),
      port: fc.option(fc.integer({ min: 10_000, max: 10_003 }), { nil: undefined }),
      backends: fc.constantFrom([], [backend('1', 100)], [backend('1', 0), backend('2', 100)]),
    }),
    { selector: ({ deployment }) => deployment },
  );

  test('makes tables that are valid, whose ports are unique, and whose versions never fall', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(requests, fc.nat({ max: 20 })), { minLength: 1, maxLength: 12 }), (steps) => {
        let table: RoutingTable | undefined;
        for (const [wanted, knownVersion] of steps) {
          const after = next(wanted, table, knownVersion);
          expect(routingTableSchema.parse(after)).toEqual(after);
          expect(new Set(after.routes.map(({ port }) => port)).size).toBe(after.routes.length);
          expect(after.version).toBeGreaterThanOrEqual(Math.max(table?.version ?? 1, knownVersion));
          expect(after.routes.every(({ changedIn }) => changedIn <= after.version)).toBe(true);
          table = after;
        }
      }),
    );
  });
});
