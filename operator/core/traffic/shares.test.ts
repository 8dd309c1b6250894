// Who gets the requests: a table of single steps, and what holds at every step.
import { describe, expect, test } from '@jest/globals';
import { maxShares } from '@sluice/crds/v1alpha1/model-deployment.ts';
import fc from 'fast-check';
import {
  at,
  gatewayPod,
  known,
  reading,
  record,
  share,
  start,
  tableOf,
  traffic,
} from '../modeldeployment/testing/samples.ts';
import { type Move, nextShares, type Share, verifyShares } from './shares.ts';

const candidate = (number: number, isWarm = true) => ({ ...record(number), isWarm });

function move(changes: Partial<Move>): Move {
  return { candidate: undefined, stable: undefined, traffic: traffic(), drainSeconds: () => 15, ...changes };
}

/** What is known when every gateway has the table of these shares and found hosts of the versions. */
const settled = (shares: readonly Share[], found: readonly number[], seconds = 0) =>
  traffic({ table: tableOf(shares), readings: [reading(1, found, { seconds })], now: start + seconds * 1000 });

describe('the next shares', () => {
  test('leave a candidate out until its pods are warm', () => {
    expect(nextShares([], move({ candidate: candidate(1, false) }))).toEqual([]);
  });

  test('make the backend of a warm candidate known first', () => {
    const stable = known(1, 100);
    expect(nextShares([stable], move({ candidate: candidate(2), stable: stable.revision }))).toEqual([
      stable,
      share(2, 0),
    ]);
  });

  test('wait while a gateway is not known to have the backend', () => {
    const shares = [known(1, 100), share(2, 0)];
    expect(nextShares(shares, move({ candidate: candidate(2), traffic: settled(shares, [2]) }))).toEqual(shares);
  });

  test('wait while a gateway has found none of its pods', () => {
    const shares = [known(1, 100), known(2, 0)];
    expect(nextShares(shares, move({ candidate: candidate(2), traffic: settled(shares, [1]) }))).toEqual(shares);
  });

  test('wait while what was found was found long ago', () => {
    const shares = [known(1, 100), known(2, 0)];
    const old = traffic({ table: tableOf(shares), readings: [reading(1, [2])], now: start + 11_000 });
    expect(nextShares(shares, move({ candidate: candidate(2), traffic: old }))).toEqual(shares);
  });

  test('move all weight at once when every gateway has the backend and its pods', () => {
    const shares = [known(1, 100), known(2, 0)];
    expect(nextShares(shares, move({ candidate: candidate(2), traffic: settled(shares, [2], 5) }))).toEqual([
      share(1, 0, { changedAt: at(5) }),
      share(2, 100, { changedAt: at(5) }),
    ]);
  });

  test('keep a candidate back that is not warm any more', () => {
    const shares = [known(1, 100), known(2, 0)];
    const next = nextShares(shares, move({ candidate: candidate(2, false), traffic: settled(shares, [2]) }));
    expect(next).toEqual(shares);
  });

  test.each([
    [14, 2],
    [15, 1],
  ])('keep what lost its weight for its drain: after %i s there are %i', (seconds, count) => {
    const shares = [known(1, 0), known(2, 100)];
    const next = nextShares(shares, move({ stable: record(2).revision, traffic: settled(shares, [2], seconds) }));
    expect(next).toHaveLength(count);
  });

  test('hold no more than a status does: one more waits until one has drained', () => {
    const drains = Array.from({ length: maxShares - 1 }, (_, index) => known(index + 2, 0));
    const full = [known(1, 100), ...drains];
    const next = (number: number, shares: readonly Share[], seconds: number) =>
      nextShares(
        shares,
        move({
          ...{ candidate: candidate(number), stable: record(1).revision },
          traffic: settled(shares, [1], seconds),
        }),
      ).map(({ version }) => version);
    expect(next(20, full, 14)).toEqual(full.map(({ version }) => version));
    expect(next(20, full.slice(1), 14)).toContain('digits-20');
    expect(next(2, full, 14)).toHaveLength(maxShares);
    expect(next(20, full, 15)).toEqual(['digits-1']);
    expect(next(20, [known(1, 100)], 15)).toEqual(['digits-1', 'digits-20']);
  });

  test('forget at once a candidate that was superseded before a gateway was known to have it', () => {
    const shares = [known(1, 100), share(2, 0)];
    expect(nextShares(shares, move({ stable: record(1).revision }))).toEqual([known(1, 100)]);
  });
});

describe('verification', () => {
  const shares = [share(1, 100)];

  test('notes when every gateway was first known to give the share: the drain counts from then', () => {
    expect(verifyShares(shares, settled(shares, [1], 40))).toEqual([known(1, 100, { changedAt: at(40) })]);
    expect(verifyShares([known(1, 100)], settled(shares, [1], 40))).toEqual([known(1, 100)]);
  });

  test.each([
    ['there is no table', traffic()],
    ['no gateway pod is ready', traffic({ table: tableOf(shares), pods: [gatewayPod('gateway-1', false)] })],
    [
      'a ready pod has not answered',
      traffic({ table: tableOf(shares), pods: [gatewayPod(), gatewayPod('gateway-2')], readings: [reading(1)] }),
    ],
    ['its clusters are older', traffic({ table: tableOf(shares, 2), readings: [reading(2, [], { clusters: 1 })] })],
    ['its listeners are older', traffic({ table: tableOf(shares, 2), readings: [reading(2, [], { listeners: 1 })] })],
    ['its routes are older', traffic({ table: tableOf(shares, 2), readings: [reading(2, [], { routes: {} })] })],
    [
      'it is ahead of the table, which is therefore not the one it has',
      traffic({ table: tableOf(shares), readings: [reading(7)] }),
    ],
    ['the table asks for something else', traffic({ table: tableOf([share(1, 0)]), readings: [reading(1)] })],
    [
      'a pod that answers, and is about to be ready, is behind',
      traffic({
        table: tableOf(shares, 2),
        pods: [gatewayPod(), gatewayPod('gateway-2', false)],
        readings: [reading(2), reading(1, [], { podUid: 'gateway-2' })],
      }),
    ],
  ])('is not given when %s', (_, seen) => expect(verifyShares(shares, seen)).toEqual(shares));
});

describe('at every step, whatever the world', () => {
  const percent = fc.constantFrom(undefined, 0, 100);
  const shareOf = (number: number, wanted: number) =>
    percent.map((verified) => share(number, wanted, verified === undefined ? {} : { verifiedPercent: verified }));
  const world = fc.record({
    serving: fc.option(fc.constantFrom(1, 2, 3), { nil: undefined }),
    listed: fc.subarray([1, 2, 3]),
    on: fc.option(fc.constantFrom(1, 2, 3), { nil: undefined }),
    isWarm: fc.boolean(),
    tableVersion: fc.nat({ max: 3 }),
    readingVersions: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }),
    found: fc.subarray([1, 2, 3]),
    seconds: fc.nat({ max: 60 }),
  });
  type Drawn = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

  const build = (
    { serving, listed, on, isWarm, tableVersion, readingVersions, found, seconds }: Drawn,
    verified: readonly Share[],
  ) => {
    const pods = readingVersions.map((_, index) => gatewayPod(`gateway-${index}`));
    const readings = readingVersions.map((version, index) =>
      reading(version, found, { podUid: `gateway-${index}`, seconds }),
    );
    const seen = traffic({ table: tableOf(verified, tableVersion), pods, readings, now: start + seconds * 1000 });
    const candidateNow = on === undefined ? undefined : candidate(on, isWarm);
    const stable = serving !== undefined && listed.includes(serving) ? record(serving).revision : undefined;
    return { seen, move: move({ candidate: candidateNow, stable, traffic: seen }) };
  };
  const drawn = world.chain((each) =>
    fc
      .tuple(...each.listed.map((number) => shareOf(number, number === each.serving ? 100 : 0)))
      .map((shares) => ({ each, shares: shares as Share[] })),
  );

  test('weights sum to 100, or nothing has any', () => {
    fc.assert(
      fc.property(drawn, ({ each, shares }) => {
        const built = build(each, shares);
        const next = nextShares(verifyShares(shares, built.seen), built.move);
        expect([0, 100]).toContain(next.reduce((sum, { wantedPercent }) => sum + wantedPercent, 0));
      }),
    );
  });

  test('new weight goes only to a backend that every ready gateway has and has found pods of', () => {
    fc.assert(
      fc.property(drawn, ({ each, shares }) => {
        const built = build(each, shares);
        const before = new Set(shares.filter(({ wantedPercent }) => wantedPercent > 0).map(({ revision }) => revision));
        for (const { revision, wantedPercent } of nextShares(verifyShares(shares, built.seen), built.move)) {
          if (wantedPercent === 0 || before.has(revision)) continue;
          expect(each.readingVersions.every((version) => version === each.tableVersion)).toBe(true);
          expect(each.found.map((number) => record(number).revision)).toContain(revision);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
