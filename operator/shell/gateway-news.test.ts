// Whom a reading wakes: in a namespace of many deployments, requests to all of them must not cost a look at each.
import { describe, expect, test } from '@jest/globals';
import type { GatewayState } from '../core/gateway/observed.ts';
import { stored } from '../kube/testing/stored.ts';
import { concernedBy } from './gateway-news.ts';

const state = (changes: Partial<GatewayState> = {}, requests = 0): GatewayState => ({
  ...{ clusters: 3, listeners: 3, routes: { digits: 3 }, hosts: { 'digits-aaaa': 2 }, rejected: 0 },
  counters: { backends: {}, gateway: { digits: { requests, errors: 0 } } },
  ...changes,
});

const onTrial = (weightPercent: number) => ({ status: { rollout: { weightPercent } } }) as object;
const atRest = Array.from({ length: 100 }, (_, at) => stored({ name: `resting-${at}` }, { status: {} }));
const deployments = [
  ...atRest,
  stored({ name: 'judged' }, onTrial(5)),
  stored({ name: 'evaluated' }, onTrial(0)),
  stored({ name: 'new' }),
];

const namesOf = (before: GatewayState | undefined, report: GatewayState) => {
  const { gateway, deployments: concerned } = concernedBy({ before, report }, deployments);
  return { gateway, names: concerned.map(({ metadata }) => metadata.name) };
};

describe('a reading in which', () => {
  test('only requests were counted concerns those whose candidates get some', () => {
    expect(namesOf(state({}, 1), state({}, 2))).toEqual({ gateway: false, names: ['judged'] });
  });

  test.each<[string, GatewayState | undefined, GatewayState]>([
    ['a pod speaks for the first time', undefined, state()],
    ['a table was taken', state(), state({ routes: { digits: 4 } }, 1)],
    ['hosts were found', state(), state({ hosts: { 'digits-aaaa': 3 } }, 1)],
    ['an update was refused', state(), state({ rejected: 1 })],
  ])('%s concerns the gateway and everybody', (_, before, report) => {
    const { gateway, names } = namesOf(before, report);
    expect([gateway, names.length]).toEqual([true, deployments.length]);
  });
});
