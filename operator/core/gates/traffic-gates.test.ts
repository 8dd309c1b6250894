// Error rate and latency gates: verdicts, figures, words, and what holds for any traffic.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { latencyBuckets } from '../traffic/latency-buckets.ts';
import { decideErrorRate, type ErrorRateGate, fewestErrorRateSamples, judgeErrorRate } from './error-rate.ts';
import { fewestLatencySamples, judgeLatency, type LatencyGate } from './latency.ts';
import { noRequests, type RequestTotals, type TrafficStep } from './traffic.ts';

const errors: ErrorRateGate = { name: 'errors', confidence: 0.95, max: 0.02, maxRegression: 0.01 };
const latency: LatencyGate = {
  name: 'latency',
  confidence: 0.95,
  quantile: 0.99,
  maxRegressionPercent: 50,
  maxRegressionAbsolute: 5,
  edges: latencyBuckets,
};

const totals = (requests: number, failed: number): RequestTotals => ({
  ...noRequests,
  requests,
  errors: failed,
});
const step = (candidate: RequestTotals, stable: RequestTotals, share = 0.05): TrafficStep => ({
  share,
  candidate,
  stable,
});
const one = (only: TrafficStep) => ({ steps: [only], plannedSteps: 1 });

/** So many requests just below these milliseconds. */
function at(...parts: readonly (readonly [milliseconds: number, requests: number])[]): RequestTotals {
  const counts = latencyBuckets.map((edge) => parts.find(([milliseconds]) => milliseconds === edge)?.[1] ?? 0);
  return { ...noRequests, requests: counts.reduce((sum, count) => sum + count, 0), latency: counts };
}

describe('error rate', () => {
  test('passes when enough requests show that every threshold holds', () => {
    expect(judgeErrorRate(errors, one(step(totals(500, 0), totals(9500, 9))))).toMatchInlineSnapshot(`
{
  "baseline": 0.0009474,
  "estimate": 0,
  "lower": 0,
  "message": "error rate 0 (0 of 500) is within max 0.02 and live 0.0009474 + 0.01 at 95 % confidence.",
  "method": "sequential likelihood ratio, valid at every look",
  "n": 500,
  "nNeeded": 342,
  "name": "errors",
  "upper": 0.007624,
  "verdict": "Pass",
}
`);
  });

  test('fails on evidence against one threshold', () => {
    expect(judgeErrorRate(errors, one(step(totals(200, 30), totals(3800, 38))))).toMatchInlineSnapshot(`
{
  "baseline": 0.01,
  "estimate": 0.15,
  "lower": 0.1071,
  "message": "error rate 0.15 (30 of 200) against max 0.02 and live 0.01 + 0.01. See the logs of its pods; a new version or rollout.retryToken tries again.",
  "method": "sequential likelihood ratio, valid at every look",
  "n": 200,
  "name": "errors",
  "upper": 0.2061,
  "verdict": "Fail",
}
`);
  });

  test('says how many of the errors were answers without numbers', () => {
    const candidate = { ...totals(200, 30), nonFinite: 12 };
    expect(judgeErrorRate(errors, one(step(candidate, totals(3800, 38)))).message).toContain(
      'error rate 0.15 (30 of 200, 12 of them NaN) against',
    );
  });

  test('is undecided before, and says how many samples it takes', () => {
    expect(judgeErrorRate(errors, one(step(totals(100, 0), totals(1900, 2))))).toMatchInlineSnapshot(`
{
  "baseline": 0.001053,
  "estimate": 0,
  "lower": 0,
  "message": "error rate 0 (0 of 100) against max 0.02 and live 0.001053 + 0.01: undecided. About 339 samples are needed: send requests, or allow more.",
  "method": "sequential likelihood ratio, valid at every look",
  "n": 100,
  "nNeeded": 339,
  "name": "errors",
  "upper": 0.03699,
  "verdict": "Inconclusive",
}
`);
  });

  test('says what it needs before there is any request', () => {
    expect(judgeErrorRate(errors, { steps: [], plannedSteps: 3 })).toMatchInlineSnapshot(`
{
  "message": "no requests yet against max 0.02 and live (no requests yet) + 0.01: undecided. About 374 samples are needed: send requests, or allow more.",
  "method": "sequential likelihood ratio, valid at every look",
  "n": 0,
  "nNeeded": 374,
  "name": "errors",
  "verdict": "Inconclusive",
}
`);
  });

  test('a pass needs exactly as many samples as it says at the rates seen', () => {
    const { nNeeded = 0 } = judgeErrorRate(errors, one(step(totals(100, 0), totals(1900, 0))));
    const verdictAt = (n: number) => judgeErrorRate(errors, one(step(totals(n, 0), totals(19 * n, 0)))).verdict;
    expect(nNeeded).toBe(fewestErrorRateSamples(errors));
    expect([verdictAt(nNeeded - 1), verdictAt(nNeeded)]).toEqual(['Inconclusive', 'Pass']);
  });

  test('a limit of 0 can never be shown, and the message says so', () => {
    const strict = judgeErrorRate(
      { name: 'errors', confidence: 0.95, max: 0 },
      one(step(totals(1000, 0), totals(1000, 0))),
    );
    expect(strict.verdict).toBe('Inconclusive');
    expect(strict.nNeeded).toBeUndefined();
    expect(strict.message).toContain('Allow more than 0');
  });

  test('an outage in both revisions is not the candidate’s fault: above max it neither fails nor passes', () => {
    const { verdict } = judgeErrorRate({ ...errors, max: 0.02 }, one(step(totals(1000, 200), totals(19_000, 3800))));
    expect(verdict).toBe('Inconclusive');
  });

  test('in the bake the candidate stands beside what the live revision last showed', () => {
    const before = step(totals(2000, 2), totals(2000, 2), 0.5);
    const bake = (failed: number) =>
      judgeErrorRate(errors, { steps: [before, step(totals(3000, failed), noRequests, 1)], plannedSteps: 2 });
    expect(bake(3).verdict).toBe('Pass');
    expect(bake(150).verdict).toBe('Fail');
    expect(bake(3).baseline).toBe(0.001);
  });

  test('a live revision that lost its pods is compared with as in the bake: what it failed meanwhile excuses nothing', () => {
    const before = step(totals(100, 0), totals(1900, 2));
    const alone = (failed: number) =>
      judgeErrorRate(errors, { steps: [before, step(totals(3000, failed), totals(500, 500), 1)], plannedSteps: 3 });
    expect([alone(3), alone(150)].map(({ verdict, baseline }) => [verdict, baseline])).toEqual([
      ['Pass', 0.001053],
      ['Fail', 0.001053],
    ]);
  });

  test('without a live revision a regression is never shown to hold', () => {
    const alone = judgeErrorRate(errors, one(step(totals(10_000, 0), noRequests, 1)));
    expect(alone.verdict).toBe('Inconclusive');
  });
});

describe('latency quantile', () => {
  const live = at([20, 9300], [47, 195], [91, 5]);

  test('stands beside the last step in which the live revision answered: its failures took no time', () => {
    const slow = at([91, 1000]);
    const failed = { ...noRequests, requests: 500, errors: 500 };
    const judged = judgeLatency(latency, { steps: [step(at([20, 500]), live), step(slow, failed)], plannedSteps: 3 });
    expect(judged).toMatchObject({ verdict: 'Fail', baseline: expect.any(Number) });
  });

  test('passes when the slow requests are few enough', () => {
    expect(judgeLatency(latency, one(step(at([20, 1000], [47, 5]), live)))).toMatchInlineSnapshot(`
{
  "baseline": 45.15,
  "estimate": 19.99,
  "lower": 18,
  "message": "p99 19.99 ms of 1005 requests is within live 45.15 ms + 50 % or 5 ms at 95 % confidence.",
  "method": "sequential binomial test on histogram buckets, valid at every look",
  "n": 1005,
  "nNeeded": 447,
  "name": "latency",
  "upper": 47,
  "verdict": "Pass",
}
`);
  });

  test('fails when they are too many', () => {
    expect(judgeLatency(latency, one(step(at([20, 300], [200, 30]), live)))).toMatchInlineSnapshot(`
{
  "baseline": 45.15,
  "estimate": 197.8,
  "lower": 180,
  "message": "p99 197.8 ms of 330 requests against live 45.15 ms + 50 % or 5 ms. Publish a faster version, or raise server.resources.cpu.",
  "method": "sequential binomial test on histogram buckets, valid at every look",
  "n": 330,
  "name": "latency",
  "verdict": "Fail",
}
`);
  });

  test('fails only when the percentage and the milliseconds are both exceeded', () => {
    const fast = at([2, 9500]);
    const slower = at([5, 500]);
    expect(judgeLatency(latency, one(step(slower, fast))).verdict).not.toBe('Fail');
    expect(judgeLatency({ ...latency, maxRegressionAbsolute: 1 }, one(step(slower, fast))).verdict).toBe('Fail');
  });

  test('an absolute limit needs no live revision', () => {
    const gate: LatencyGate = { name: 'latency', confidence: 0.95, quantile: 0.99, max: 100, edges: latencyBuckets };
    expect(judgeLatency(gate, one(step(at([20, 1000]), noRequests, 1))).verdict).toBe('Pass');
    expect(judgeLatency(gate, one(step(at([240, 1000]), noRequests, 1))).verdict).toBe('Fail');
  });

  test('too few requests can never pass, however fast', () => {
    const fewest = fewestLatencySamples(latency) ?? 0;
    expect(fewest).toBeGreaterThan(300);
    expect(judgeLatency(latency, one(step(at([1, fewest - 1]), live))).verdict).toBe('Inconclusive');
  });

  test('what lies between two limits that whole milliseconds cannot tell apart stays undecided, and no number is promised', () => {
    const narrow: LatencyGate = {
      ...{ name: 'latency', confidence: 0.95, quantile: 0.5, edges: latencyBuckets },
      ...{ maxRegressionPercent: 100, maxRegressionAbsolute: 2 },
    };
    const seen = (requests: number) => one(step(at([3, requests]), at([1, 4 * requests])));
    for (const requests of [1000, 1_000_000]) {
      const { verdict, nNeeded, message } = judgeLatency(narrow, seen(requests));
      expect([verdict, nNeeded]).toEqual(['Inconclusive', undefined]);
      expect(message).toMatch(/: undecided\. More requests like these cannot pass it: allow more, or publish/);
    }
  });

  test('requests beyond the last bucket count as slow', () => {
    const beyond: RequestTotals = { ...noRequests, requests: 400, latency: [...latencyBuckets.map(() => 0), 400] };
    const { verdict, upper } = judgeLatency(latency, one(step(beyond, live)));
    expect(verdict).toBe('Fail');
    expect(upper).toBeUndefined();
  });
});

describe('for any traffic', () => {
  const scaled = ({ requests, errors: wrong }: RequestTotals, factor: number) =>
    totals(requests * factor, wrong * factor);
  const counts = fc
    .record({ requests: fc.integer({ min: 0, max: 20_000 }), rate: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ requests, rate }) => totals(requests, Math.floor(requests * rate * rate)));
  const steps = fc.array(fc.record({ share: fc.constantFrom(0.05, 0.25, 0.5, 1), candidate: counts, stable: counts }), {
    minLength: 1,
    maxLength: 4,
  });

  test('no requests of the candidate in the step that goes on are never a pass', () => {
    fc.assert(
      fc.property(steps, (before) => {
        const evidence = { steps: [...before, step(noRequests, totals(5000, 5))], plannedSteps: 5 };
        expect(judgeErrorRate(errors, evidence).verdict).not.toBe('Pass');
        expect(judgeLatency(latency, evidence).verdict).not.toBe('Pass');
      }),
      { numRuns: 50 },
    );
  });

  test('one more error never makes a verdict better', () => {
    const rank = { Fail: 0, Error: 0, Inconclusive: 1, Pass: 2 } as const;
    fc.assert(
      fc.property(counts, counts, (candidate, stable) => {
        fc.pre(candidate.errors < candidate.requests);
        const verdict = (more: number) =>
          judgeErrorRate(errors, one(step({ ...candidate, errors: candidate.errors + more }, stable))).verdict;
        expect(rank[verdict(1)]).toBeLessThanOrEqual(rank[verdict(0)]);
      }),
      { numRuns: 50 },
    );
  });

  test('counters that were read a moment apart, with an error that is no request yet, can be judged', () => {
    const early = { ...totals(10, 11), overloaded: 1 };
    const { n, estimate, message } = judgeErrorRate(errors, one(step(early, early)));
    expect([n, estimate, message.slice(0, 23)]).toEqual([9, 1, 'error rate 1 (9 of 9) a']);
    expect(judgeErrorRate(errors, one(step({ ...totals(3, 0), overloaded: 4 }, totals(9, 0)))).n).toBe(0);
  });

  test('where a number of samples is said, so many like these pass; where none is, no number does', () => {
    fc.assert(
      fc.property(counts, counts, (candidate, stable) => {
        fc.pre(candidate.requests > 0 && stable.requests > 0);
        const grown = (factor: number) =>
          decideErrorRate(errors, one(step(scaled(candidate, factor), scaled(stable, factor))));
        const { nNeeded } = judgeErrorRate(errors, one(step(candidate, stable)));
        if (nNeeded === undefined) expect(grown(1e9 / candidate.requests)).not.toBe('Pass');
        else expect(grown(nNeeded / candidate.requests)).toBe('Pass');
      }),
      { numRuns: 50 },
    );
  });

  test('messages fit, and figures are numbers that JSON can hold', () => {
    fc.assert(
      fc.property(steps, (all) => {
        for (const verdict of [
          judgeErrorRate(errors, { steps: all, plannedSteps: 5 }),
          judgeLatency(latency, { steps: all, plannedSteps: 5 }),
        ]) {
          expect(verdict.message.length).toBeLessThanOrEqual(200);
          expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
        }
      }),
      { numRuns: 50 },
    );
  });
});
