// What is in force since when, and who needs no look but for news.
import { describe, expect, test } from '@jest/globals';
import {
  known,
  modelDeployment,
  observe,
  reading,
  record,
  share,
  start,
  startTime,
  tableOf,
} from '../testing/samples.ts';
import { keepEvidence, openEvidence } from './counters.ts';
import { beganAt, isCalm, sharesInForce } from './in-force.ts';
import type { Trial } from './trial.ts';

const at20 = [share(1, 80), share(2, 20)];

describe('the shares that a status asks for', () => {
  const inForce = (candidate: object, taken: number, routed = at20) => {
    const status = { observedGeneration: 1, stable: record(1), traffic: at20, ...candidate };
    const world = { table: tableOf(routed), gatewayReadings: [reading(taken, [1, 2])] };
    return sharesInForce(observe({ modelDeployment: modelDeployment({}, status), ...world }), start) !== undefined;
  };
  const candidate = { candidate: record(2) };

  test.each([
    ['are in force once every gateway has them', inForce(candidate, 1), true],
    ['are not while a gateway lacks them', inForce(candidate, 0), false],
    ['are not while the table asks for others', inForce(candidate, 1, [known(1, 100), known(2, 0)]), false],
    ['are not noted when nobody is on its way', inForce({}, 1), false],
  ])('%s', (_, is, expected) => expect(is).toBe(expected));
});

describe('a phase', () => {
  const phase = { phase: 'Stepping', step: 'first', weightPercent: 20 } as const;
  const asked = { ...phase, revision: record(2).revision, candidateSamples: 0, warmReplicas: 1, evaluationAttempt: 1 };
  const now = start + 5000;
  const began = (before: object | undefined, inForceSince?: number) =>
    beganAt({ before, observed: { inForceSince }, now } as Trial, phase) - start;

  test.each([
    ['that was asked for began when its weight came into force', began(asked, start + 2000), 2000],
    ['begins now where that was not seen', began(asked), 5000],
    ['begins at the latest now', began(asked, start + 9000), 5000],
    ['with another weight begins now', began({ ...asked, weightPercent: 50 }, start + 2000), 5000],
    ['of another step begins now', began({ ...asked, step: 'zeroth' }, start + 2000), 5000],
    ['that was told of is not begun again', began({ ...asked, startedAt: startTime }, start + 2000), 5000],
    ['whose clock was stopped is not begun again', began({ ...asked, clock: { usedSeconds: 1 } }, start + 2000), 5000],
    ['of a new candidate begins now', began(undefined, start + 2000), 5000],
  ])('%s', (_, is, expected) => expect(is).toBe(expected));
});

describe('a candidate', () => {
  const none = { requests: 0, errors: 0, latency: '' };
  const of = (number: number, requests: number) => ({
    ...{ ...none, requests },
    ...{ podUid: 'gateway-1', revision: record(number).revision },
  });
  const kept = keepEvidence(openEvidence(record(2).revision, record(1).revision));
  const status = {
    ...({ revision: record(2).revision, phase: 'Stepping', weightPercent: 20, candidateSamples: 0 } as const),
    ...{ warmReplicas: 1, evaluationAttempt: 1 },
  };
  const clock = { usedSeconds: 0 };

  test.each([
    ['that nobody has asked is calm', { readings: [of(1, 5), of(2, 0)] }, {}, true],
    ['that was asked is not', { readings: [of(1, 5), of(2, 1)] }, {}, false],
    ['of which nothing is counted is not', { readings: [of(1, 5)] }, {}, false],
    ['whose pods are missed is not', { readings: [of(2, 0)] }, { notReadySince: startTime }, false],
    ['beside a live revision that is down is not', { readings: [of(2, 0)] }, { standIn: { clock, times: 0 } }, false],
  ])('%s', (_, counted, changes, expected) => {
    expect(isCalm({ kept: { ...kept, ...counted }, status: { ...status, ...changes } })).toBe(expected);
  });
});
