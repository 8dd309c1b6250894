// Whom news wake: in a namespace of many deployments, news of one must not cost a look at each; and nobody may be forgotten.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noRefusals } from '../core/gateway/delivery/refusals.ts';
import type { GatewayState } from '../core/gateway/observed.ts';
import type { RoutingTable } from '../core/gateway/routes.ts';
import { hasEntry } from '../core/gateway/traffic/view.ts';
import { stored } from '../kube/testing/stored.ts';
import { concernedBy, concernedByTable } from './gateway-news.ts';

type Counters = NonNullable<GatewayState['counters']>;

const count = (requests: number) => ({ requests, errors: 0, overloaded: 0, nonFinite: 0, latency: [requests] });
const state = (changes: Partial<GatewayState> = {}, requests: Record<string, number> = {}): GatewayState => ({
  ...{ clusters: 3, listeners: 3, routes: { judged: 3, digits: 3 }, hosts: { 'digits-aaaa': 2 }, refusals: noRefusals },
  counters: {
    backends: Object.fromEntries(Object.entries(requests).map(([name, n]) => [`${name}-aaaa`, count(n)])),
    gateway: {},
  },
  ...changes,
});

const onTrial = (weightPercent: number) => ({ status: { rollout: { weightPercent } } }) as object;
const atRest = Array.from({ length: 100 }, (_, at) => stored({ name: `resting-${at}` }, { status: {} }));
const deployments = [
  ...atRest,
  stored({ name: 'digits' }, { status: {} }),
  stored({ name: 'digits-2' }, { status: {} }),
  stored({ name: 'judged' }, onTrial(5)),
  stored({ name: 'evaluated' }, onTrial(0)),
];

const entry = (deployment: string, changedIn: number) => ({
  ...{ deployment, port: 10_000, changedIn, changedAt: '2026-01-05T10:00:00Z' },
  backends: [],
});
const tableOf = (version: number, entries: Record<string, number>): RoutingTable => ({
  version,
  routes: Object.entries(entries).map(([name, changedIn]) => entry(name, changedIn)),
});
const everybody = Object.fromEntries(deployments.map(({ metadata }) => [metadata.name, 2]));
const table = tableOf(4, { ...everybody, digits: 4 });

const namesOf = (before: GatewayState | undefined, report: GatewayState) => {
  const { gateway, deployments: concerned } = concernedBy({ before, report }, { deployments, table });
  return { gateway, names: concerned.map(({ metadata }) => metadata.name) };
};

describe('a reading in which', () => {
  test.each<[string, GatewayState, GatewayState, boolean, string[]]>([
    ['requests to somebody at rest were counted', state(), state({}, { digits: 1 }), false, []],
    ['requests to a candidate were counted', state(), state({}, { judged: 1 }), false, ['judged']],
    ['routes were taken', state(), state({ routes: { judged: 3, digits: 4 } }), true, ['digits']],
    ['a pod was found', state(), state({ hosts: { 'digits-aaaa': 3 } }), true, ['digits']],
    [
      'a pod of one with a dash was found',
      state(),
      state({ hosts: { 'digits-aaaa': 2, 'digits-2-bbbb': 1 } }),
      true,
      ['digits-2'],
    ],
    [
      'clusters were taken that one entry waited for',
      state({ clusters: 3, listeners: 4, routes: { digits: 4 } }),
      state({ clusters: 4, listeners: 4, routes: { digits: 4 } }),
      true,
      ['digits'],
    ],
  ])('%s concerns those alone', (_, before, report, gateway, names) => {
    expect(namesOf(before, report)).toEqual({ gateway, names });
  });

  test.each<[string, GatewayState | undefined, GatewayState]>([
    ['a pod speaks for the first time', undefined, state()],
    ['an update was refused', state(), state({ refusals: { deployments: ['digits'], words: [] } })],
    ['something else than Envoy answers', state(), { ...state(), counters: undefined }],
  ])('%s concerns the gateway and everybody', (_, before, report) => {
    const { gateway, names } = namesOf(before, report);
    expect([gateway, names.length]).toEqual([true, deployments.length]);
  });
});

describe('another table', () => {
  const concerned = (before: RoutingTable, after: RoutingTable, reports: readonly GatewayState[] = []) =>
    concernedByTable({ before, after }, deployments, reports).map(({ metadata }) => metadata.name);

  test('concerns those whose entry it changes, and those that have none', () => {
    const { judged: _, ...others } = everybody;
    expect(concerned(tableOf(4, everybody), tableOf(5, { ...others, digits: 5 }))).toEqual(['digits', 'judged']);
  });

  test('concerns those of whom a gateway pod was ahead of what was known', () => {
    const ahead = state({ clusters: 5, listeners: 4, routes: { digits: 4, judged: 4 } });
    const before = tableOf(4, { digits: 2, judged: 5 });
    const names = concernedByTable(
      { before, after: tableOf(5, { digits: 2, judged: 5 }) },
      [stored({ name: 'digits' }), stored({ name: 'judged' })],
      [ahead],
    ).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['digits']);
  });
});

describe('whoever is not woken', () => {
  const names = ['a', 'b', 'a-b'];
  const few = fc.integer({ min: 0, max: 3 });
  const perName = fc.record(Object.fromEntries(names.map((name) => [name, few])));
  const anyTable = fc
    .record({ version: few, changed: perName })
    .map(({ version, changed }) => tableOf(version, changed));
  const anyState = fc
    .record({ clusters: few, listeners: few, routes: perName, hosts: perName, counted: perName })
    .map(({ counted, hosts, ...rest }) => {
      const byBackend = (values: Record<string, number>) =>
        Object.entries(values).map(([name, n]) => [`${name}-r`, n] as const);
      const backends = Object.fromEntries(byBackend(counted).map(([name, n]) => [name, count(n)]));
      const counters: Counters = { backends, gateway: {} };
      return { ...state(rest), hosts: Object.fromEntries(byBackend(hosts)), counters };
    });
  const all = names.map((name, at) => stored({ name }, onTrial(at)));
  const seen = (name: string, report: GatewayState, of: RoutingTable) => ({
    hasEntry: hasEntry(report, { deployment: name, table: of }),
    hosts: report.hosts[`${name}-r`],
    counted: name === 'a' ? undefined : report.counters?.backends[`${name}-r`],
  });

  test('would see the same of the gateway after any reading', () => {
    fc.assert(
      fc.property(anyState, anyState, anyTable, (before, report, of) => {
        const woken = concernedBy({ before, report }, { deployments: all, table: of }).deployments;
        const asleep = all.filter((each) => !woken.includes(each)).map(({ metadata }) => metadata.name);
        expect(asleep.map((name) => seen(name, report, of))).toEqual(asleep.map((name) => seen(name, before, of)));
      }),
    );
  });

  test('would see the same of the gateway after any table', () => {
    fc.assert(
      fc.property(anyState, anyTable, anyTable, (report, before, after) => {
        const woken = concernedByTable({ before, after }, all, [report]);
        const asleep = all.filter((each) => !woken.includes(each)).map(({ metadata }) => metadata.name);
        expect(asleep.map((name) => seen(name, report, after))).toEqual(
          asleep.map((name) => seen(name, report, before)),
        );
      }),
    );
  });
});
