// A candidate gets more only when everything that was asked before is so.
import { describe, expect, test } from '@jest/globals';
import { known, reading, record, share, start, tableOf, traffic } from '../modeldeployment/testing/samples.ts';
import { nextShares, type Share } from './shares.ts';

type Case = { shares?: Share[]; found?: number[]; isWarm?: boolean; weightPercent?: number; taken?: number };

const at5 = [known(1, 95), known(2, 5)];

function weightOfTwo({ shares = at5, found = [1, 2], isWarm = true, weightPercent = 50, taken = 1 }: Case) {
  const move = {
    candidate: { ...record(2), isWarm, weightPercent },
    stable: record(1).revision,
    traffic: traffic({ table: tableOf(shares), readings: [reading(taken, found)], now: start }),
    drainSeconds: () => 15,
  };
  return nextShares(shares, move).map(({ wantedPercent }) => wantedPercent);
}

describe('a candidate on trial', () => {
  test.each<[string, Case, number[]]>([
    ['its next step', {}, [50, 50]],
    ['its first step', { shares: [known(1, 100), known(2, 0)], weightPercent: 5 }, [95, 5]],
    ['all requests for the bake', { weightPercent: 100 }, [0, 100]],
  ])('gets %s', (_what, given, expected) => expect(weightOfTwo(given)).toEqual(expected));

  test.each<[string, Case]>([
    ['a gateway pod is not known to give it what it has', { shares: [known(1, 95), share(2, 5)] }],
    ['a gateway pod does not have the table', { taken: 0 }],
    ['a gateway pod finds none of its pods', { found: [1] }],
    ['a pod of it is not ready', { isWarm: false }],
    ['it is to stay', { weightPercent: 5 }],
  ])('gets no more while %s', (_what, given) => expect(weightOfTwo(given)).toEqual([95, 5]));

  test('gets nothing while another one still has requests that go back', () => {
    const shares = [known(1, 60), known(2, 0), known(3, 40)];
    expect(weightOfTwo({ shares, found: [1, 2, 3] })).toEqual([60, 0, 40]);
  });
});
