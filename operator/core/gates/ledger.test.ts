// The ledger neither loses nor repeats evidence, whatever restarts: it, a gateway, or a pod.
import { describe, expect, test } from '@jest/globals';
import { packedHistogram } from '@sluice/crds/v1alpha1/rollout-status.ts';
import fc from 'fast-check';
import { processorMs } from '../testing/bounded-plan.ts';
import { latencyBuckets } from '../traffic/latency-buckets.ts';
import { packHistogram, unpackHistogram } from './histogram.ts';
import { beginStep, type CounterReading, evidenceOf, foldReadings, type Ledger, openLedger } from './ledger.ts';
import { recentTraffic } from './recent.ts';
import { currentStep } from './traffic.ts';

const reading = (requests: number, over: Partial<CounterReading> = {}): CounterReading => ({
  podUid: 'one',
  revision: 'new',
  since: 5,
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

/** A ledger in which both pods were read before they had counted anything. */
const ready = fold(begun, [reading(0), reading(0, { podUid: 'two' })]);

describe('folding', () => {
  test('the first reading of a pod is where counting starts', () => {
    const first = fold(begun, [reading(500)]);
    expect(candidate(first).requests).toBe(0);
    expect(candidate(fold(first, [reading(530)])).requests).toBe(30);
  });

  test('everything that a pod counts is added', () => {
    expect(candidate(fold(ready, [reading(40)]))).toEqual({
      requests: 40,
      errors: 4,
      overloaded: 2,
      nonFinite: 0,
      latency: [0, 40],
    });
  });

  test.each<[string, CounterReading['counted'], CounterReading['counted']]>([
    ['by an earlier release', undefined, 'Answers'],
    ['as answers, and now as predictions', 'Answers', 'Predictions'],
    ['as predictions, and now by another process', 'Predictions', 'Answers'],
  ])('what was counted %s is compared with nothing, more or less as it may be', (_, before, now) => {
    const kept = fold(begun, [reading(500, { counted: before })]);
    for (const requests of [400, 500, 600]) {
      const changed = fold(kept, [reading(requests, { counted: now })]);
      expect(candidate(changed).requests).toBe(0);
      expect(candidate(fold(changed, [reading(requests + 10, { counted: now })])).requests).toBe(10);
    }
  });

  test('nothing that was counted in another way is compared with anything: the first predictions of all are not lost', () => {
    const kept = fold(begun, [reading(0, { counted: 'Answers' })]);
    expect(candidate(fold(kept, [reading(3, { counted: 'Predictions' })])).requests).toBe(3);
  });

  test('the same reading twice adds nothing', () => {
    const first = fold(ready, [reading(40)]);
    expect(fold(first, [reading(40)])).toEqual(first);
  });

  test.each<[string, CounterReading, number]>([
    ['that counted less is another process, and all of it is new', reading(20), 20],
    ['whose histogram fell in one bucket is another process', reading(160, { latency: [160] }), 160],
    ['of another process that counted more adds nothing: it may be the one before', reading(160, { since: 9 }), 0],
    ['of a process that is not known is of the same', reading(160, { since: undefined }), 10],
  ])('a reading %s', (_, last, added) => {
    const before = fold(fold(begun, [reading(100)]), [reading(150)]);
    expect(candidate(fold(before, [last])).requests).toBe(50 + added);
  });

  test('pods add up, and one that is gone takes nothing with it', () => {
    const both = fold(ready, [reading(10), reading(5, { podUid: 'two' })]);
    const left = foldReadings(both, { readings: [], pods: ['two'], now: 3000 });
    expect(candidate(left).requests).toBe(15);
    expect(left.readings.map(({ podUid }) => podUid)).toEqual(['two']);
  });

  test('a revision that is neither candidate nor stable is no evidence', () => {
    const other = fold(ready, [reading(10, { revision: 'other' })]);
    expect(evidenceOf(fold(other, [reading(20, { revision: 'other' })]), 3)).toEqual(evidenceOf(begun, 3));
  });

  test('before the first step nothing is counted', () => {
    const ledger = openLedger('new', 'old');
    expect(fold(ledger, [reading(10)])).toEqual(ledger);
  });

  test('what was counted while the weight changed belongs to no step', () => {
    const probed = fold(ready, [reading(100)]);
    const half = beginStep(probed, { name: 'half', share: 0.5, startedAt: 5000 });
    const settled = fold(fold(half, [reading(130)]), [reading(150)]);
    expect(evidenceOf(settled, 3).steps.map((step) => step.candidate.requests)).toEqual([100, 20]);
  });

  test('is kept as plain data: a restart between any two readings changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }), fc.nat(19), (growth, restartAt) => {
        let kept = ready;
        let requests = 0;
        for (const [index, more] of growth.entries()) {
          requests += more;
          if (index === restartAt) kept = JSON.parse(JSON.stringify(kept));
          kept = fold(kept, [reading(requests, { latency: [requests] })], 2000 + 1000 * index);
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
    const early = fold(ready, [reading(100, { overloaded: 0 })], 5_000);
    expect(recent(early, 5_000)).toEqual({ successes: 10, trials: 100 });
    const late = fold(early, [reading(130, { overloaded: 0 })], 9_000);
    expect(recent(late, 9_000)).toEqual({ successes: 13, trials: 130 });
    const last = fold(late, [reading(150, { overloaded: 0 })], 15_000);
    expect(recent(last, 15_000)).toEqual({ successes: 2, trials: 20 });
    expect(recent(last, 20_000)).toEqual({ successes: 0, trials: 0 });
  });

  test('go on beside a mark of an operator whose clock was an hour ahead', () => {
    const ahead = fold(ready, [reading(100, { overloaded: 0 })], 3_600_000);
    const behind = fold(ahead, [reading(110, { overloaded: 0 })], 5_000);
    const later = fold(behind, [reading(150, { overloaded: 0 })], 10_000);
    expect(recent(later, 10_000)).toEqual({ successes: 4, trials: 40 });
  });

  const answered = { errors: 0, overloaded: 0 };
  test.each<[string, Partial<CounterReading>, [number, number], boolean]>([
    ['is set for what was counted since the last one, a while ago', answered, [100, 100], true],
    ['is set while requests are only refused', { errors: 0, overloaded: 200 }, [100, 200], true],
    ['is not set while nothing is counted', answered, [0, 0], false],
  ])('a mark %s', (_what, counts, [early, late], isSet) => {
    const before = fold(ready, [reading(early, counts)], 2_000);
    const after = fold(before, [reading(late, counts)], 6_500);
    expect(after.marks !== before.marks).toBe(isSet);
  });
});

/** None, few, or as many as fit: a year of 2000 requests a second in each bucket. */
const count = fc.oneof(fc.constant(0), fc.nat(1000), fc.integer({ min: 0, max: 36 ** 7 - 1 }));

test('a histogram of every bucket that there is survives packing, and is what the schema takes', () => {
  fc.assert(
    fc.property(fc.array(count, { maxLength: latencyBuckets.length + 1 }), (counts) => {
      const packed = packHistogram(counts);
      expect(packedHistogram.safeParse(packed).success).toBe(true);
      const unpacked = unpackHistogram(packed);
      expect(counts.map((_, bucket) => unpacked[bucket] ?? 0)).toEqual(counts);
    }),
  );
});

describe('a histogram that a status holds', () => {
  const most = 36 ** 7 - 1;

  test.each<[string, string, number[]]>([
    ['begins beyond every bucket', '900000000:1', []],
    ['begins far below the first', '-900000000:1', []],
    ['begins at the last bucket and goes on', '126:1 2 3', [...Array(126).fill(0), 1]],
    ['counts more than can be counted', '0:zzzzzzzzzzzzzzzzzzzz', [most]],
    ['holds no numbers', '0:- é', [0, 0]],
    ['is no histogram', 'latency', []],
  ])('that %s is read within its bounds', (_, text, counts) => expect(unpackHistogram(text)).toEqual(counts));

  test('is read in time that its text allows, whatever that is', () => {
    const text = `0:${'1 '.repeat(1_000_000)}`;
    expect(processorMs(() => unpackHistogram(text))).toBeLessThan(1000);
  });
});
