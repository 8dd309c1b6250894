// Evidence that may be looked at at any time: against scipy, by its laws, and by what it promises.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import figures from '../oracle/figures.json' with { type: 'json' };
import { noEvidence, rateEvidence, sharedEvidence, stepsEvidence } from './conditional-share.ts';
import { inferiorityTest } from './mcnemar.ts';
import { createRandom, uniform } from './random.ts';
import { smallestWhole } from './smallest.ts';

const needed = Math.log(20);

/** Far more than any look at it can tell: only the ratio of requests matters without a margin. */
const requestsFor = (errors: number, share: number, other: number) => {
  const all = 100 * (errors + other);
  return { candidate: Math.round(all * share), stable: Math.round(all * (1 - share)) };
};

test.each(figures.conditionalShare)('$candidateErrors errors to $stableErrors at the share $share', (figure) => {
  const requests = requestsFor(figure.candidateErrors, figure.share, figure.stableErrors);
  const evidence = sharedEvidence({
    candidate: { successes: figure.candidateErrors, trials: requests.candidate },
    stable: { successes: figure.stableErrors, trials: requests.stable },
    share: figure.share,
    margin: 0,
  });
  expect(evidence.harm).toBeCloseTo(figure.harm, 8);
  expect(evidence.safety).toBeCloseTo(figure.safety, 8);
});

test.each(figures.rateEvidence)('$successes of $trials against $limit', ({ successes, trials, limit, ...figure }) => {
  const evidence = rateEvidence({ successes, trials }, limit);
  expect(evidence.harm).toBeCloseTo(figure.harm, 8);
  expect(evidence.safety).toBeCloseTo(figure.safety, 8);
});

test.each(figures.inferiority)('inferiority: $wins to $losses of $pairs at $margin', ({ value, ...outcome }) => {
  expect(inferiorityTest(outcome)).toBeCloseTo(value, 8);
});

describe('laws', () => {
  const traffic = fc.record({
    candidateTrials: fc.integer({ min: 1, max: 5000 }),
    stableTrials: fc.integer({ min: 1, max: 50_000 }),
    candidateRate: fc.double({ min: 0, max: 0.99, noNaN: true }),
    stableRate: fc.double({ min: 0, max: 1, noNaN: true }),
    share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    margin: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });
  const shared = (of: {
    candidateTrials: number;
    stableTrials: number;
    candidateErrors: number;
    stableErrors: number;
    share: number;
    margin: number;
  }) =>
    sharedEvidence({
      candidate: { successes: of.candidateErrors, trials: of.candidateTrials },
      stable: { successes: of.stableErrors, trials: of.stableTrials },
      share: of.share,
      margin: of.margin,
    });
  const counted = traffic.map((all) => ({
    ...all,
    candidateErrors: Math.floor(all.candidateRate * all.candidateTrials),
    stableErrors: Math.floor(all.stableRate * all.stableTrials),
  }));

  test('one more error of the candidate never lessens the evidence of harm, nor adds to that of safety', () => {
    fc.assert(
      fc.property(counted, (before) => {
        fc.pre(before.candidateErrors < before.candidateTrials);
        const first = shared(before);
        const second = shared({ ...before, candidateErrors: before.candidateErrors + 1 });
        expect(second.harm).toBeGreaterThanOrEqual(first.harm);
        expect(second.safety).toBeLessThanOrEqual(first.safety);
      }),
    );
  });

  test('one more error of the stable revision does the reverse', () => {
    fc.assert(
      fc.property(counted, (before) => {
        fc.pre(before.stableErrors < before.stableTrials);
        const first = shared(before);
        const second = shared({ ...before, stableErrors: before.stableErrors + 1 });
        expect(second.harm).toBeLessThanOrEqual(first.harm);
        expect(second.safety).toBeGreaterThanOrEqual(first.safety);
      }),
    );
  });

  test('evidence is never strong in both directions', () => {
    fc.assert(
      fc.property(counted, (all) => {
        const { harm, safety } = shared(all);
        expect(Math.min(harm, safety)).toBeLessThan(needed);
      }),
    );
  });

  test('without requests of either revision there is none', () => {
    const none = { successes: 0, trials: 0 };
    const some = { successes: 0, trials: 10_000 };
    expect(sharedEvidence({ candidate: none, stable: some, share: 0.05, margin: 0.01 })).toEqual(noEvidence);
    expect(sharedEvidence({ candidate: some, stable: none, share: 0.05, margin: 0.01 })).toEqual(noEvidence);
    const { harm, safety } = rateEvidence(none, 0.01);
    expect(harm).toBeCloseTo(0, 12);
    expect(safety).toBeCloseTo(0, 12);
  });

  test('uneven routing proves nothing: a candidate with ten times its share and as many errors is not worse', () => {
    const { harm } = sharedEvidence({
      candidate: { successes: 50, trials: 1000 },
      stable: { successes: 50, trials: 1000 },
      share: 0.05,
      margin: 0,
    });
    expect(harm).toBeLessThan(0);
  });
});

describe('the first samples that can pass', () => {
  test.each([
    [0.01, 374],
    [0.02, 186],
  ])('without errors a limit of %d needs %d samples', (limit, samples) => {
    expect(smallestWhole((n) => rateEvidence({ successes: 0, trials: n }, limit).safety >= needed)).toBe(samples);
  });
});

/** Shares of runs in which either evidence ever reached 20 to 1, with a look after every error and every 20th request. */
function lookAlways(law: { share: number; margin: number; candidate: number; stable: number }, seed: number) {
  const runs = 150;
  let harmed = 0;
  let safe = 0;
  for (let run = 0; run < runs; run++) {
    const random = createRandom(seed, run);
    const counts = { candidate: { successes: 0, trials: 0 }, stable: { successes: 0, trials: 0 } };
    let found = { harm: false, safety: false };
    for (let request = 0; request < 1200; request++) {
      const side = uniform(random) < law.share ? 'candidate' : 'stable';
      const isError = uniform(random) < law[side];
      counts[side].trials++;
      if (!isError && request % 20 !== 0) continue;
      counts[side].successes += isError ? 1 : 0;
      const { harm, safety } = sharedEvidence({ ...counts, share: law.share, margin: law.margin });
      found = { harm: found.harm || harm >= needed, safety: found.safety || safety >= needed };
    }
    harmed += found.harm ? 1 : 0;
    safe += found.safety ? 1 : 0;
  }
  return { harmed: harmed / runs, safe: safe / runs };
}

describe('at every look', () => {
  // 5 % ± three standard errors of 150 runs.
  const most = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / 150);

  test.each([
    { share: 0.5, margin: 0, candidate: 0.05, stable: 0.05 },
    { share: 0.2, margin: 0.05, candidate: 0.1, stable: 0.05 },
    { share: 0.5, margin: 0.05, candidate: 0.05, stable: 0 },
  ])('a candidate exactly at the margin is flagged either way in at most 5 %: $candidate to $stable', (law) => {
    const { harmed, safe } = lookAlways(law, 11);
    expect(harmed).toBeLessThanOrEqual(most);
    expect(safe).toBeLessThanOrEqual(most);
  });

  test('a candidate three times as bad is found', () => {
    expect(lookAlways({ share: 0.2, margin: 0, candidate: 0.3, stable: 0.1 }, 12).harmed).toBeGreaterThan(0.9);
  });
});

describe('steps', () => {
  test('one step is itself, and no step is no evidence', () => {
    expect(stepsEvidence([1.5], 1)).toBe(1.5);
    expect(stepsEvidence([], 3)).toBe(0);
  });

  test('harm that begins in a later step is not drowned by a good first one', () => {
    expect(stepsEvidence([-10, 6], 2)).toBeGreaterThan(needed);
  });

  test('the mean of e-values over steps stays one: their expectation is that of a fair bet', () => {
    // Each step doubles or loses all with equal chance; the mean over all four courses is 1.
    const outcomes = [Math.log(2), -Infinity];
    const mean =
      outcomes
        .flatMap((one) => outcomes.map((two) => Math.exp(stepsEvidence([one, two], 3))))
        .reduce((sum, e) => sum + e, 0) / 4;
    expect(mean).toBeCloseTo(1, 12);
  });
});

test.each([
  [
    'share',
    () =>
      sharedEvidence({
        candidate: { successes: 0, trials: 1 },
        stable: { successes: 0, trials: 1 },
        share: 1,
        margin: 0,
      }),
  ],
  ['margin', () => rateEvidence({ successes: 0, trials: 1 }, 1)],
  ['rate', () => rateEvidence({ successes: 2, trials: 1 }, 0.5)],
])('refuses a wrong %s by name', (name, call) => {
  expect(call).toThrow(new RegExp(`^${name} must`));
});
