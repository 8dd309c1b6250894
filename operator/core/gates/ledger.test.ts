// The ledger neither loses nor repeats evidence, whatever restarts: it, a gateway, or a pod.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packedHistogramPattern, packHistogram, unpackHistogram } from './histogram.ts';
import { beginStep, type CounterReading, evidenceOf, foldReadings, type Ledger, openLedger } from './ledger.ts';
import { recentTraffic } from './recent.ts';
import { currentStep } from './traffic.ts';

const reading = (requests: number, over: Partial<CounterReading> = {}): CounterReading => ({
  podUid: 'one',
  revision: 'new',
  since: 0,
  requests,
  errors: Math.floor(requests / 10),
  overloaded: Math.floor(requests / 20),
  nonFinite: Math.floor(requests / 50),
  latency: [0, requests],
  ...over,
});

const begun = beginStep(openLedger('new', 'old'), { name: 'probe', share: 0.05, startedAt: 1000 });
const pods = ['one', 'two'];
const fold = (ledger: Ledger, readings: readonly CounterReading[], now = 2000) =>
  foldReadings(ledger, { readings, pods, now });
const candidate = (ledger: Ledger) => currentStep(evidenceOf(ledger, 3)).candidate;

describe('folding', () => {
  test('the first reading of a pod that counted before the step is where counting starts', () => {
    const first = fold(begun, [reading(500)]);
    expect(candidate(first).requests).toBe(0);
    expect(candidate(fold(first, [reading(530)])).requests).toBe(30);
  });

  test('a pod that began after the step counts whole', () => {
    expect(candidate(fold(begun, [reading(40, { since: 1500 })]))).toEqual({
      requests: 40,
      errors: 4,
      overloaded: 2,
      nonFinite: 0,
      latency: [0, 40],
    });
  });

  test('the same reading twice adds nothing', () => {
    const first = fold(begun, [reading(40, { since: 1500 })]);
    expect(fold(first, [reading(40, { since: 1500 })])).toEqual(first);
  });

  test.each([
    ['its counters are lower', { since: 0 }],
    ['its process is younger, though its counters are higher', { since: 1800 }],
  ])('a gateway began again when %s', (_, over) => {
    const before = fold(fold(begun, [reading(100)]), [reading(150)]);
    const requests = over.since === 0 ? 20 : 160;
    expect(candidate(fold(before, [reading(requests, over)])).requests).toBe(50 + requests);
  });

  test('pods add up, and one that is gone takes nothing with it', () => {
    const both = fold(begun, [reading(10, { since: 1500 }), reading(5, { since: 1500, podUid: 'two' })]);
    const left = foldReadings(both, { readings: [], pods: ['two'], now: 3000 });
    expect(candidate(left).requests).toBe(15);
    expect(left.readings.map(({ podUid }) => podUid)).toEqual(['two']);
  });

  test('a revision that is neither candidate nor stable is no evidence', () => {
    const other = fold(begun, [reading(10, { since: 1500, revision: 'other' })]);
    expect(evidenceOf(other, 3)).toEqual(evidenceOf(begun, 3));
  });

  test('before the first step nothing is counted', () => {
    const ledger = openLedger('new', 'old');
    expect(fold(ledger, [reading(10, { since: 1500 })])).toEqual(ledger);
  });

  test('what was counted while the weight changed belongs to no step', () => {
    const probed = fold(begun, [reading(100, { since: 1500 })]);
    const half = beginStep(probed, { name: 'half', share: 0.5, startedAt: 5000 });
    const settled = fold(fold(half, [reading(130, { since: 1500 })]), [reading(150, { since: 1500 })]);
    expect(evidenceOf(settled, 3).steps.map((step) => step.candidate.requests)).toEqual([100, 20]);
  });

  test('is kept as plain data: a restart between any two readings changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }), fc.nat(19), (growth, restartAt) => {
        let kept = begun;
        let requests = 0;
        for (const [index, more] of growth.entries()) {
          requests += more;
          if (index === restartAt) kept = JSON.parse(JSON.stringify(kept));
          kept = fold(kept, [reading(requests, { since: 1500, latency: [requests] })], 2000 + 1000 * index);
        }
        expect(candidate(kept)).toMatchObject({
          requests,
          overloaded: Math.floor(requests / 20),
          nonFinite: Math.floor(requests / 50),
        });
        expect(candidate(kept).latency[0] ?? 0).toBe(requests);
      }),
    );
  });
});

const recent = ({ marks, steps }: Ledger, now: number) => recentTraffic(marks, steps.at(-1), now).candidate;

describe('the last seconds', () => {
  test('hold what came within 5 to 10 seconds, and forget the rest', () => {
    const early = fold(begun, [reading(100, { since: 1500, overloaded: 0 })], 5_000);
    expect(recent(early, 5_000)).toEqual({ successes: 10, trials: 100 });
    const late = fold(early, [reading(130, { since: 1500, overloaded: 0 })], 9_000);
    expect(recent(late, 9_000)).toEqual({ successes: 13, trials: 130 });
    const last = fold(late, [reading(150, { since: 1500, overloaded: 0 })], 15_000);
    expect(recent(last, 15_000)).toEqual({ successes: 2, trials: 20 });
    expect(recent(last, 20_000)).toEqual({ successes: 0, trials: 0 });
  });

  const answered = { errors: 0, overloaded: 0 };
  test.each<[string, Partial<CounterReading>, [number, number], boolean]>([
    ['is set for what was counted since the last one, a while ago', answered, [100, 100], true],
    ['is set while requests are only refused', { errors: 0, overloaded: 200 }, [100, 200], true],
    ['is not set while nothing is counted', answered, [0, 0], false],
  ])('a mark %s', (_what, counts, [early, late], isSet) => {
    const before = fold(begun, [reading(early, { since: 1500, ...counts })], 2_000);
    const after = fold(before, [reading(late, { since: 1500, ...counts })], 6_500);
    expect(after.marks !== before.marks).toBe(isSet);
  });
});

test('a histogram survives packing, and matches the pattern of the schema', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { maxLength: 110 }), (counts) => {
      const packed = packHistogram(counts);
      expect(packed).toMatch(new RegExp(packedHistogramPattern));
      const unpacked = unpackHistogram(packed);
      expect(counts.map((_, bucket) => unpacked[bucket] ?? 0)).toEqual(counts);
    }),
  );
});
