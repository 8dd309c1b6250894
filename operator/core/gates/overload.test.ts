// A server that is too busy is no worse model, and no better one.
import { describe, expect, test } from '@jest/globals';
import { judgeErrorRate } from './error-rate.ts';
import { besideOverload, busyFor, isLiveBusy, withoutBusySteps } from './overload.ts';
import { noRequests, type RequestTotals, type TrafficEvidence } from './traffic.ts';
import type { GateVerdict } from './verdict.ts';

const totals = (requests: number, overloaded: number, errors = 0): RequestTotals => ({
  ...noRequests,
  requests,
  overloaded,
  errors,
});
const evidence = (candidate: RequestTotals, stable: RequestTotals): TrafficEvidence => ({
  steps: [{ share: 0.5, candidate, stable }],
  plannedSteps: 2,
});
const verdict = (word: GateVerdict['verdict']): GateVerdict => ({
  name: 'errors',
  verdict: word,
  n: 900,
  method: 'm',
  message: 'as it was',
});

describe('a verdict beside refusals', () => {
  test.each<[string, GateVerdict['verdict'], RequestTotals, RequestTotals, GateVerdict['verdict']]>([
    ['a pass with few of them stays one', 'Pass', totals(1000, 100), totals(1000, 0), 'Pass'],
    ['a pass with many of them is none', 'Pass', totals(1000, 101), totals(1000, 0), 'Inconclusive'],
    ['a pass beside a live revision with many is none', 'Pass', totals(1000, 0), totals(1000, 101), 'Inconclusive'],
    ['a failure stays one', 'Fail', totals(1000, 900), totals(1000, 0), 'Fail'],
    ['nothing is said before any request', 'Inconclusive', noRequests, noRequests, 'Inconclusive'],
  ])('%s', (_, before, candidate, stable, after) => {
    expect(besideOverload(verdict(before), evidence(candidate, stable)).verdict).toBe(after);
  });

  test('has them among its figures, and says whose they are and what helps', () => {
    expect(besideOverload(verdict('Pass'), evidence(totals(1000, 400), totals(1000, 500)))).toMatchObject({
      overloaded: 400,
      message:
        'The candidate was too busy for 400 of 1000 requests (429). Raise server.replicas or server.resources, or send fewer requests.',
    });
    const { message, overloaded } = besideOverload(verdict('Pass'), evidence(totals(1000, 0), totals(1000, 500)));
    expect([message.startsWith('The live revision was too busy for 500 of 1000'), overloaded]).toEqual([
      true,
      undefined,
    ]);
    expect(besideOverload(verdict('Pass'), evidence(totals(1000, 7), totals(1000, 0)))).toEqual({
      ...verdict('Pass'),
      overloaded: 7,
    });
  });
});

test('refusals are neither errors nor samples', () => {
  const gate = { name: 'errors', confidence: 0.95, max: 0.02, maxRegression: 0.01 };
  const judge = (candidate: RequestTotals) => judgeErrorRate(gate, evidence(candidate, totals(1000, 0)));
  expect(judge(totals(1000, 400, 3))).toEqual(judge(totals(600, 0, 3)));
  expect(judge(totals(500, 500)).message).toMatch(/^no requests yet/);
});

test('few refusals are left alone, many are told', () => {
  expect([busyFor(totals(1000, 100)), busyFor(totals(1000, 101)), busyFor(noRequests)]).toEqual([0, 101, 0]);
});

test('a busy live revision is no baseline, in no step', () => {
  const busy = evidence(totals(100, 0), totals(100, 50));
  const calm = evidence(totals(100, 0), totals(100, 0));
  expect([isLiveBusy(busy), isLiveBusy(calm)]).toEqual([true, false]);
  const both = { steps: [...busy.steps, ...calm.steps], plannedSteps: 3 };
  expect(withoutBusySteps(both)).toEqual({ steps: calm.steps, plannedSteps: 3 });
  expect(withoutBusySteps(busy)).toEqual(busy);
});
