// Requests go back at once where the live pods can bear it, and never to pods that are not there.
import { describe, expect, test } from '@jest/globals';
import { known, record, share, start } from '../modeldeployment/testing/samples.ts';
import { capacityPercent } from '../modeldeployment/traffic/capacity.ts';
import { returnWeights } from './returning.ts';

const weights = (limit: number, capacity: number, candidate: number) =>
  returnWeights([known(1, 100 - candidate), known(2, candidate)], {
    stable: record(1).revision,
    capacity,
    limitOf: () => limit,
    now: start,
  }).map(({ wantedPercent }) => wantedPercent);

describe('requests that go back', () => {
  test.each([
    ['all of a step, when the live pods are there', 0, 100, 5, [100, 0]],
    ['all of the bake, when half of the live pods are there', 0, capacityPercent(2, 4), 100, [100, 0]],
    ['half of the bake, when a quarter of the live pods is there', 0, capacityPercent(1, 4), 100, [50, 50]],
    ['nothing, when no live pod is there', 0, capacityPercent(0, 2), 100, [0, 100]],
    ['nothing of a step, when no live pod is there', 0, 0, 5, [95, 5]],
    ['what is above the limit, when the spec has a smaller step now', 10, 100, 50, [90, 10]],
    ['nothing, when the limit is not reached yet', 50, 100, 10, [90, 10]],
  ])('are %s', (_what, limit, capacity, candidate, expected) => {
    expect(weights(limit, capacity, candidate)).toEqual(expected);
  });

  test('stay with their backend until every gateway pod is known to send none any more', () => {
    const [, candidate] = returnWeights([known(1, 95), known(2, 5)], {
      ...{ stable: record(1).revision, capacity: 100, now: start },
      limitOf: () => 0,
    });
    expect(candidate).toMatchObject({ wantedPercent: 0, verifiedPercent: 5 });
  });

  test('stay with their backend also when not every gateway pod was known to send them there', () => {
    const [, candidate] = returnWeights([known(1, 95), share(2, 5)], {
      ...{ stable: record(1).revision, capacity: 100, now: start },
      limitOf: () => 0,
    });
    expect(candidate).toMatchObject({ wantedPercent: 0, verifiedPercent: 5 });
  });

  test('have nowhere to go without a live revision', () => {
    const shares = [known(2, 100)];
    expect(returnWeights(shares, { stable: undefined, capacity: 100, limitOf: () => 0, now: start })).toEqual(shares);
  });
});
