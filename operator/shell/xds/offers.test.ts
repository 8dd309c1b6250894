// What a table offers: whatever was offered before, the same as if it were the first, and only what changed is made anew.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Offer, xdsTypes } from '../../core/gateway/delivery/offer.ts';
import { nextRoutingTable, type RouteRequest, type RoutingTable } from '../../core/gateway/routes.ts';
import type { Packed } from './envoy-api.ts';
import { Offers, type PodPlace } from './offers.ts';

const settings = { clusterDomain: 'cluster.local', hasIpv6: false };
const place: PodPlace = { namespace: 'ml', mounted: {} };

const request = (deployment: string, percent = 100): RouteRequest => ({
  ...{ deployment, port: undefined },
  backends: ['old', 'new'].map((revision, index) => ({
    ...{ revision, requestTimeoutSeconds: 10 },
    percent: index === 0 ? percent : 100 - percent,
  })),
});
type More = Pick<RoutingTable, 'front' | 'rules'>;
const after = (before: RoutingTable | undefined, requests: readonly RouteRequest[], { front, rules }: More = {}) =>
  nextRoutingTable(requests, before, { knownVersion: 0, now: 0, ...(front && { front }), rules });

/** Every resource with its type. */
const allOf = (offer: Offer<Packed>) =>
  xdsTypes.flatMap((type) => [...offer[type]].map(([name, each]) => [`${type} ${name}`, each] as const));
/** By name; a version says what the content is. */
const versionsOf = (offer: Offer<Packed>) => ({
  table: offer.version,
  resources: Object.fromEntries(allOf(offer).map(([key, { version }]) => [key, version])),
});
/** Those that were made anew. */
const anew = (before: Offer<Packed>, offer: Offer<Packed>) => {
  const old = new Map<string, unknown>(allOf(before));
  return allOf(offer).flatMap(([key, each]) => (old.get(key) === each ? [] : key));
};

describe('a table of 200 entries', () => {
  const names = Array.from({ length: 200 }, (_, index) => `d${index}`);
  const requests = names.map((name) => request(name));
  const opened = requests.map((each) => ({ ...each, place: { path: `/v2/models/${each.deployment}` } }));
  const front = { trustedProxies: 1 };
  const other = (all: readonly RouteRequest[]) =>
    all.map((each) => (each.deployment === 'd7' ? { ...each, ...request('d7', 50) } : each));

  test.each([
    ['closed', requests, {}],
    ['with a front', opened, { front }],
  ])('%s: a new weight costs what its one entry means', (_, all, more) => {
    const offers = new Offers(settings);
    const table = after(undefined, all, more);
    const before = offers.of(place, table);
    // The ConfigMap is read anew: nothing of the table is the same object.
    const next: RoutingTable = JSON.parse(JSON.stringify(after(table, other(all), more)));
    expect(anew(before, offers.of(place, next))).toEqual([
      ...['clusters d7-new', 'clusters d7-old', 'listeners d7', 'routes d7'],
    ]);
  });

  test('is made anew when the rules are others', () => {
    const rules = { access: { apiKeys: { secretName: 'keys' }, roles: ['Predict' as const], audit: 'Off' as const } };
    const offers = new Offers(settings);
    const table = after(undefined, requests);
    const before = offers.of(place, table);
    const next = after(table, requests, { rules });
    expect(anew(before, offers.of(place, next))).toHaveLength(allOf(before).length);
  });
});

test('whatever tables there were, a table offers what it would as the first one', () => {
  const names = ['a', 'b', 'c', 'd'];
  const asked = fc.record({
    deployment: fc.constantFrom(...names),
    percent: fc.constantFrom(0, 50, 100),
    path: fc.constantFrom(undefined, '/v2/models/x', '/mine'),
  });
  const step = fc.record({
    asked: fc.uniqueArray(asked, { selector: (each) => each.deployment }),
    isOpen: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => {
      const offers = new Offers(settings);
      let table: RoutingTable | undefined;
      for (const { asked: all, isOpen } of steps) {
        const requests = all.map(({ deployment, percent, path }) => ({
          ...request(deployment, percent),
          ...(isOpen && path !== undefined && { place: { path } }),
        }));
        table = after(table, requests, isOpen ? { front: { trustedProxies: 0 } } : {});
        expect(versionsOf(offers.of(place, table))).toEqual(versionsOf(new Offers(settings).of(place, table)));
      }
    }),
    { numRuns: 20 },
  );
});
