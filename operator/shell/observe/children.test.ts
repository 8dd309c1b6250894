// What is read of the caches: a routing table costs one parse, however many polls it answers.
import { describe, expect, jest, test } from '@jest/globals';
import { routesKey, routesName } from '../../core/gateway/children.ts';
import { nextRoutingTable, routingTableSchema } from '../../core/gateway/routes.ts';
import { revision } from '../../core/modeldeployment/testing/samples.ts';
import { stored } from '../../kube/testing/stored.ts';
import { createStores } from '../caches.ts';
import { numbersOf, routingTableOf } from './children.ts';

const tableOf = (deployments: readonly string[]) =>
  nextRoutingTable(
    deployments.map((deployment) => ({ deployment, port: undefined, backends: [] })),
    undefined,
    { knownVersion: 0, now: 0 },
  );

/** A cache with this text as the routing table of the namespace. */
function setUp(text: string) {
  const caches = createStores();
  const write = (routes: string, resourceVersion: string) =>
    caches.configMaps.upsert(
      stored({ name: routesName, namespace: 'ml', resourceVersion }, { data: { [routesKey]: routes } }),
    );
  write(text, '1');
  return { caches, write };
}

describe('the routing table of a namespace', () => {
  test('is parsed once, however often it is asked for, and again when it was written', () => {
    const world = setUp(JSON.stringify(tableOf(['digits'])));
    const parse = jest.spyOn(routingTableSchema, 'parse');
    const first = routingTableOf(world.caches, 'ml');
    for (let poll = 0; poll < 100; poll += 1) expect(routingTableOf(world.caches, 'ml')).toBe(first);
    expect(parse).toHaveBeenCalledTimes(1);
    world.write(JSON.stringify(tableOf(['digits', 'letters'])), '2');
    expect(routingTableOf(world.caches, 'ml')?.routes.map(({ deployment }) => deployment)).toEqual([
      'digits',
      'letters',
    ]);
    expect(parse).toHaveBeenCalledTimes(2);
    parse.mockRestore();
  });

  test.each(['{', '{"version":0,"routes":[]}', 'null'])('is none while it cannot be read: %s', (text) => {
    const { caches } = setUp(text);
    expect(routingTableOf(caches, 'ml')).toBeUndefined();
    expect(routingTableOf(caches, 'ml')).toBeUndefined();
  });

  test('is none where there is none', () => {
    expect(routingTableOf(createStores(), 'ml')).toBeUndefined();
  });
});

describe('the numbers of a model', () => {
  const owner = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ModelDeployment',
    name: 'digits',
    uid: 'd',
    controller: true,
  };
  const serves = (status: object) => {
    const caches = createStores();
    const spec = { model: { name: 'digits', track: 'Latest' } };
    caches.modelDeployments.upsert(stored({ name: 'digits', namespace: 'ml', uid: 'd' }, { spec, status }));
    return caches;
  };
  const version = (number: number, model = 'digits') =>
    stored(
      { name: `${model}-${number}`, namespace: 'ml', uid: `${model}-${number}` },
      { spec: { modelName: model, number } },
    );
  const called = (number: number) => ({ version: `digits-${number}` });

  test.each<[string, object, number]>([
    ['what serves', { stable: called(3) }, 3],
    ['what is on its way', { stable: called(3), candidate: called(4) }, 4],
    ['what was live', { stable: called(3), former: [called(7), called(2)] }, 7],
    ['what was refused', { stable: called(3), rejected: [called(5), called(9)] }, 9],
    ['nothing of another model', { stable: { version: 'letters-8' } }, 0],
  ])('count on from %s, where they are not kept', (_, status, highestNamed) => {
    expect(numbersOf(serves(status), 'ml', 'digits')).toEqual({ highestNamed });
  });

  test('count on from versions and pins, where they are not kept', () => {
    const caches = serves({ stable: called(3) });
    caches.modelVersions.upsert(version(6));
    caches.modelVersions.upsert(version(20, 'letters'));
    expect(numbersOf(caches, 'ml', 'digits')).toEqual({ highestNamed: 6 });
    const pin = { name: 'digits-0a', namespace: 'ml', ownerReferences: [owner] };
    caches.controllerRevisions.upsert(stored(pin, { revision: 1, data: { ...revision(8).data } }));
    expect(numbersOf(caches, 'ml', 'digits')).toEqual({ highestNamed: 8 });
  });

  test('are what is kept, where they are', () => {
    const caches = serves({ stable: called(3) });
    const kept = stored({ name: 'sluice-numbers-digits', namespace: 'ml' }, { data: { highest: '12' } });
    caches.configMaps.upsert(kept);
    expect(numbersOf(caches, 'ml', 'digits')).toEqual({ configMap: kept, highestNamed: 0 });
  });
});
