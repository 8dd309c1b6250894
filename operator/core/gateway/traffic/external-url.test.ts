// Where clients outside of the cluster find a ModelDeployment, and why they do not.
import { describe, expect, test } from '@jest/globals';
import { exposeSchema } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { modelDeployment, startTime } from '../../modeldeployment/testing/samples.ts';
import type { Place } from '../places.ts';
import { externalUrl, type Opening, whyNotExposed } from './external-url.ts';

const tableWith = (
  places: Readonly<Record<string, Place | undefined>>,
  takenBy: Readonly<Record<string, string>> = {},
) => ({
  version: 1,
  routes: Object.entries(places).map(([deployment, place]) => ({
    ...(takenBy[deployment] === undefined ? {} : { takenBy: takenBy[deployment] }),
    deployment,
    port: 10_000,
    changedIn: 1,
    changedAt: startTime,
    backends: [],
    place,
  })),
});
const open = (url?: string, changes: object = {}): Opening => ({
  expose: exposeSchema.parse({ type: 'ClusterIP', ...changes }),
  url,
});
const url = 'https://models.example.com';
const digits = (expose?: object) => ({
  deployment: 'digits',
  model: 'digits',
  exposedAs: modelDeployment({ expose }).spec.expose,
});

describe('the URL from outside', () => {
  const of = (place: Place | undefined, opening: Opening | undefined = open(url)) =>
    externalUrl({ ...digits(), table: tableWith({ digits: place }), opening });

  test.each<[string, Place, string]>([
    ['below the path of its model', { path: '/v2/models/digits' }, `${url}/v2/models/digits/infer`],
    ['below a path that is taken off', { path: '/a/b' }, `${url}/a/b/v2/models/digits/infer`],
    ['at a whole host', { host: 'd.example.com', path: '/' }, 'https://d.example.com/v2/models/digits/infer'],
  ])('is %s', (_, place, expected) => expect(of(place)).toBe(expected));

  test('is not known before the way in has an address, nor without a place or a way in', () => {
    expect(of({ path: '/' }, open())).toBeUndefined();
    expect(of(undefined)).toBeUndefined();
    expect(externalUrl({ ...digits(), table: tableWith({ digits: { path: '/' } }) })).toBeUndefined();
  });
});

describe('a ModelDeployment that is not found from outside', () => {
  const why = (
    expose: object | undefined,
    places: Parameters<typeof tableWith>[0],
    takenBy: Readonly<Record<string, string>> = {},
  ) =>
    whyNotExposed({
      ...digits(expose),
      table: tableWith(places, takenBy),
      opening: open(url),
    });

  test('says who has its place', () => {
    expect(why(undefined, { digits: undefined }, { digits: 'older' })).toEqual({
      reason: 'PlaceTaken',
      message: 'ModelDeployment older is found at /v2/models/digits already; set another expose.host or expose.path',
    });
  });

  test('says that nothing opens the namespace, only when it asks for a place', () => {
    const closed = (expose?: object) => whyNotExposed({ ...digits(expose), table: tableWith({ digits: undefined }) });
    expect(closed({ path: '/d' })?.reason).toBe('NotOpened');
    expect(closed()).toBeUndefined();
    expect(closed({ visibility: 'ClusterLocal' })).toBeUndefined();
  });

  test('says nothing while all is well, while the table is on its way, and when it wants to stay inside', () => {
    expect(why(undefined, { digits: { path: '/v2/models/digits' } })).toBeUndefined();
    expect(why(undefined, { digits: undefined })).toBeUndefined();
    expect(why({ visibility: 'ClusterLocal' }, { digits: undefined })).toBeUndefined();
  });
});
