// What was seen of a rollout: steps only while their share was in force, and the time that a rollback took.
import { expect, test } from '@jest/globals';
import type { RolloutStatus } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { isRejected, milliSecondsToLastRequest, type Sighting, seenSteps, shareOf } from './rollout.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const candidate = { revision: 'b', version: 'digits-2', digest };

function sighting(at: number, rollout: Partial<RolloutStatus>, verifiedPercent: number): Sighting {
  const kept = { revision: 'b', phase: 'Stepping', weightPercent: 0, candidateSamples: 0, warmReplicas: 1 } as const;
  const changedAt = '2026-01-01T00:00:00Z';
  const share = { revision: 'b', version: 'digits-2', wantedPercent: rollout.weightPercent ?? 0, verifiedPercent };
  return {
    at,
    status: {
      candidate,
      rollout: { ...kept, evaluationAttempt: 1, ...rollout },
      traffic: [{ ...share, changedAt }],
    },
  };
}

const refusal = { ...candidate, gate: 'latency', at: '2026-01-01T00:00:00Z', retryToken: '', message: 'slow' };
const refused: Sighting = { at: 50, status: { rejected: [refusal] } };

test('a step is seen from the moment when every gateway gave its share, not while that is on its way', () => {
  const sightings = [
    sighting(0, { phase: 'Evaluating', weightPercent: 0 }, 0),
    sighting(10, { step: 'probe', weightPercent: 10 }, 0),
    sighting(20, { step: 'probe', weightPercent: 10, candidateSamples: 1 }, 10),
    sighting(30, { step: 'probe', weightPercent: 10, candidateSamples: 90 }, 10),
    sighting(40, { step: 'half', weightPercent: 50 }, 10),
  ];
  expect(seenSteps(sightings, 'digits-2')).toEqual([
    { step: 'probe', weightPercent: 10, from: 20, to: 30, samples: 90 },
  ]);
  expect(seenSteps(sightings, 'digits-3')).toEqual([]);
});

test('a step has the samples by which it was left, which are written with the decision', () => {
  const before = sighting(30, { step: 'probe', weightPercent: 10, candidateSamples: 60 }, 10);
  const decided = sighting(34, { step: 'half', weightPercent: 50 }, 10);
  const none = { requests: 0, errors: 0, latency: '' };
  const probe = {
    name: 'probe',
    share: 0.1,
    startedAt: 20,
    candidate: { ...none, requests: 85, overloaded: 5 },
    stable: none,
  };
  const ledger = { candidate: 'b', stable: 'a', steps: [probe], readings: [], marks: [] };
  const evidence = { ...ledger, unrouted: { ...ledger, steps: [] } };
  const sightings = [before, { ...decided, status: { ...decided.status, evidence } }];
  expect(seenSteps(sightings, 'digits-2')).toEqual([
    { step: 'probe', weightPercent: 10, from: 30, to: 30, samples: 80 },
  ]);
});

test('a share counts good answers of requests that were due in its time', () => {
  const answer = (at: number, version: string, status = 200) => ({ at, milliseconds: 1, status, version });
  const answers = [answer(1, 'a'), answer(5, 'a'), answer(6, 'b'), answer(7, 'b', 500), answer(9, 'b')];
  expect(shareOf(answers, { version: 'b', from: 5, to: 8 })).toEqual({ answers: 2, byVersion: 1 });
});

test('a rejection is of one attempt', () => {
  expect(isRejected(refused.status, 'digits-2')).toBe(true);
  expect(isRejected(refused.status, 'digits-2', 'again')).toBe(false);
  expect(isRejected({}, 'digits-2')).toBe(false);
});

test('the last request to a refused candidate counts from the decision', () => {
  const answers = [30, 80].map((at) => ({ at, milliseconds: 5, status: 200, version: 'digits-2' }));
  expect(milliSecondsToLastRequest([refused], answers, { version: 'digits-2' })).toBe(30);
  expect(milliSecondsToLastRequest([], answers, { version: 'digits-2' })).toBeNaN();
});
