// What is read of the caches: a routing table costs one parse, however many polls it answers.
import { describe, expect, jest, test } from '@jest/globals';
import { routesKey, routesName } from '../../core/gateway/children.ts';
import { nextRoutingTable, routingTableSchema } from '../../core/gateway/routes.ts';
import { stored } from '../../kube/testing/stored.ts';
import { createStores } from '../caches.ts';
import { routingTableOf } from './children.ts';

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
