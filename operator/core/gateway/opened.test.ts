// Who is found where at the one address of a namespace.
import { describe, expect, test } from '@jest/globals';
import { exposedAsSchema } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { modelGatewaySpecSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import fc from 'fast-check';
import type { GatewayWish } from './observed.ts';
import { type Asking, opened } from './opened.ts';
import { placeKey, placeSchema } from './places.ts';

const wish = (expose?: object): GatewayWish => ({
  spec: modelGatewaySpecSchema.parse({ expose: expose && { type: 'ClusterIP', ...expose } }),
  uid: 'mgw',
  generation: 1,
});
const time = (second: number) => `2026-01-05T10:00:${String(second).padStart(2, '0')}Z`;
const asking = (deployment: string, exposedAs?: object, age = 0, model = deployment): Asking => ({
  deployment,
  port: undefined,
  backends: [],
  placed: { model, exposedAs: exposedAs && exposedAsSchema.parse(exposedAs), createdAt: time(age) },
});
const places = (requests: readonly Asking[], expose: object = {}) => {
  const { requests: given } = opened({ wish: wish(expose), requests, table: undefined });
  return Object.fromEntries(given.map(({ deployment, place }) => [deployment, place && placeKey(place)]));
};

describe('a ModelDeployment', () => {
  test('is found below the path of its model, whatever its own name', () => {
    expect(places([asking('blue', undefined, 0, 'digits')])).toEqual({ blue: '/v2/models/digits' });
  });

  test('is found below a host and a path of its own', () => {
    expect(places([asking('a', { host: 'a.example.com' }), asking('b', { path: '/b' })])).toEqual({
      a: 'a.example.com/v2/models/a',
      b: '/b',
    });
  });

  test('has no host of its own when it names that of the namespace', () => {
    const host = 'models.example.com';
    expect(places([asking('a', { host })], { host })).toEqual({ a: '/v2/models/a' });
  });

  test('that stays in the cluster is found nowhere, and takes no place', () => {
    const hidden = asking('old', { visibility: 'ClusterLocal' }, 0, 'digits');
    expect(places([hidden, asking('new', undefined, 1, 'digits')])).toEqual({
      old: undefined,
      new: '/v2/models/digits',
    });
  });

  test('that is younger does not get the place of an older one, whatever their names', () => {
    const both = [asking('a', undefined, 2, 'digits'), asking('b', undefined, 1, 'digits')];
    expect(places(both)).toEqual({ a: undefined, b: '/v2/models/digits' });
    expect(opened({ wish: wish({}), requests: both, table: undefined }).requests).toMatchObject([
      { deployment: 'a', takenBy: 'b' },
      { deployment: 'b' },
    ]);
  });

  test('gets the place by its name when both are of the same second', () => {
    expect(places([asking('b', { path: '/x' }), asking('a', { path: '/x' })])).toEqual({ a: '/x', b: undefined });
  });
});

test('nothing is open without spec.expose', () => {
  const none = opened({ wish: wish(), requests: [asking('a')], table: undefined });
  expect(none).toEqual({ requests: [{ deployment: 'a', port: undefined, backends: [] }], front: undefined });
});

test('a ModelGateway that cannot be read leaves open what was open', () => {
  const entry = { deployment: 'a', port: 10_000, changedIn: 1, changedAt: time(0), backends: [] };
  const table = { version: 1, routes: [{ ...entry, place: { path: '/a' } }], front: { trustedProxies: 2 } };
  expect(opened({ wish: 'Unreadable', requests: [asking('a'), asking('b')], table })).toMatchObject({
    requests: [
      { deployment: 'a', place: { path: '/a' } },
      { deployment: 'b', place: undefined },
    ],
    front: { trustedProxies: 2 },
  });
});

test('whoever asks for what, no place is given twice, and each can be written into the table', () => {
  const wanted = fc.record({
    host: fc.constantFrom(undefined, 'a.example.com', 'models.example.com'),
    path: fc.constantFrom(undefined, '/', '/a', '/a/b'),
  });
  const request = fc
    .tuple(fc.constantFrom('a', 'b', 'c', 'd'), wanted, fc.nat({ max: 3 }), fc.constantFrom('m', 'n'))
    .map(([name, exposedAs, age, model]) => asking(name, JSON.parse(JSON.stringify(exposedAs)), age, model));
  const requests = fc.uniqueArray(request, { selector: ({ deployment }) => deployment });
  fc.assert(
    fc.property(requests, (all) => {
      const { requests: given } = opened({
        wish: wish({ host: 'models.example.com' }),
        requests: all,
        table: undefined,
      });
      const found = given.flatMap(({ place }) => place ?? []);
      expect(new Set(found.map(placeKey)).size).toBe(found.length);
      expect(found.map((each) => placeSchema.parse(each))).toEqual(found);
      expect(found.length).toBeGreaterThan(all.length === 0 ? -1 : 0);
    }),
  );
});
