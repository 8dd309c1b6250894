// A status is written for what a person or a decision depends on, and not for figures alone.
import { describe, expect, test } from '@jest/globals';
import { canonicalJson } from '@sluice/crds/canonical-json.ts';
import type { Condition } from '@sluice/crds/fragments.ts';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { KeptEvidence, RolloutStatus } from '@sluice/crds/v1alpha1/rollout-status.ts';
import fc from 'fast-check';
import { beginStep, type CounterReading, foldReadings, type Ledger, openLedger } from '../gates/ledger.ts';
import { markMilliseconds, recentTraffic } from '../gates/recent.ts';
import { noRequests } from '../gates/traffic.ts';
import { pacedStatus, statusCanWait } from './pace.ts';
import { keepEvidence } from './rollout/counters.ts';
import { at, known, record, start, startTime } from './testing/samples.ts';

const [stable, candidate] = [record(1).revision, record(2).revision];
const sources = ['gateway-1', 'gateway-2'].map((uid) => ({ uid, isEnding: false }));
const uids = ['gateway-1', 'gateway-2', 'gateway-3'];

/** What each pod has counted of both revisions, so many seconds after the step began. */
const readings = (requests: number, changes: Partial<CounterReading> = {}): CounterReading[] =>
  sources.flatMap(({ uid }) =>
    [stable, candidate].map((revision) => ({
      ...{ ...noRequests, podUid: uid, revision, since: start, requests, latency: [requests] },
      ...changes,
    })),
  );

const opened: Ledger = beginStep(openLedger(candidate, stable), { name: 'probe', share: 0.1, startedAt: start });
const folded = (ledger: Ledger, counted: readonly CounterReading[], seconds: number) =>
  foldReadings(ledger, {
    readings: counted,
    pods: uids,
    now: start + seconds * 1000,
  });
const kept = (traffic: Ledger): KeptEvidence => keepEvidence({ traffic, unrouted: openLedger('gateway', 'nobody') });

const first = folded(opened, readings(10), 1);
const said = (message: string): Condition => ({
  ...({ type: 'Ready', status: 'True', reason: 'StableServes' } as const),
  ...{ message, observedGeneration: 1, lastTransitionTime: startTime },
});
const guardrail = { name: 'guardrail', verdict: 'Pass', n: 10, method: 'hard limits', message: '0 of 10' } as const;
const rollout: RolloutStatus = {
  ...({ revision: candidate, baseline: stable, phase: 'Stepping', step: 'probe', weightPercent: 10 } as const),
  ...{ startedAt: startTime, candidateSamples: 10, warmReplicas: 2, evaluationAttempt: 1 },
};

const before: ModelDeploymentStatus = {
  observedGeneration: 1,
  ...{ stable: record(1), candidate: record(2), traffic: [known(1, 90), known(2, 10)], readyReplicas: 2 },
  rollout,
  gates: [guardrail],
  evidence: kept(first),
  conditions: [said('10 of 100 samples')],
};

/** The same after more requests: every figure has moved. */
const grown: ModelDeploymentStatus = {
  ...before,
  rollout: { ...rollout, candidateSamples: 20 },
  gates: [{ ...guardrail, n: 20, estimate: 0.01, nNeeded: 70, message: '0 of 20' }],
  evidence: kept(folded(first, readings(20), 2)),
  conditions: [said('20 of 100 samples')],
};

const later = (changes: Partial<ModelDeploymentStatus>): ModelDeploymentStatus => ({ ...grown, ...changes });

describe('a status of a rollout', () => {
  test('stays as it was written while only figures move', () => {
    expect(pacedStatus(before, grown, sources)).toBe(before);
  });

  test('is compared by what it says, whatever order the apiserver gives it in', () => {
    const sorted = JSON.parse(JSON.stringify(before), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toSorted())
        : value,
    ) as ModelDeploymentStatus;
    expect(pacedStatus(sorted, grown, sources)).toBe(sorted);
  });

  test('is written while a held rollout waits only for what is not a figure', () => {
    const held = { ...rollout, heldFor: 'gate errors: 10 samples' };
    const more = later({ rollout: { ...held, heldFor: 'gate errors: 20 samples' } });
    expect(pacedStatus({ ...before, rollout: held }, more, sources)).toMatchObject({ rollout: held });
    expect(pacedStatus(before, more, sources)).toBe(more);
  });

  test.each<[string, Partial<ModelDeploymentStatus>]>([
    ['a phase begins', { rollout: { ...rollout, phase: 'Baking' } }],
    ['a step begins', { rollout: { ...rollout, step: 'half' } }],
    ['another weight is aimed at', { rollout: { ...rollout, weightPercent: 50 } }],
    ['a pod is missed', { rollout: { ...rollout, notReadySince: at(2) } }],
    ['a weight is asked for', { traffic: [known(1, 50), known(2, 50)] }],
    ['a weight is verified', { traffic: [known(1, 90), known(2, 10, { verifiedPercent: 0 })] }],
    ['a gate decides', { gates: [{ ...guardrail, verdict: 'Fail' }] }],
    ['a gate speaks for the first time', { gates: [guardrail, { ...guardrail, name: 'errors' }] }],
    ['a condition has another reason', { conditions: [{ ...said(''), reason: 'GatewayBehind' }] }],
    ['a condition has another status', { conditions: [{ ...said(''), status: 'Unknown' }] }],
    ['a condition is gone', { conditions: [] }],
    ['another spec was seen', { observedGeneration: 2 }],
    ['another version is the candidate', { candidate: record(3) }],
    ['a revision is refused', { rejected: [{ ...record(2), gate: 'errors', at: at(2), retryToken: '', message: '' }] }],
    ['fewer pods are ready', { readyReplicas: 1 }],
    ['the rollout is over', { evidence: undefined }],
    ['a mark is set', { evidence: kept(folded(first, readings(20), 6)) }],
    ['a pod is read for the first time', { evidence: kept(folded(first, readings(20, { podUid: 'gateway-3' }), 2)) }],
    ['a gateway process begins anew', { evidence: kept(folded(first, readings(5, { since: start + 1500 }), 2)) }],
    [
      'requests are counted in another step',
      { evidence: kept(beginStep(first, { name: 'b', share: 1, startedAt: start })) },
    ],
  ])('is written whole as soon as %s', (_what, changes) => {
    const after = later(changes);
    expect(pacedStatus(before, after, sources)).toBe(after);
  });

  test('is written with everything that a gateway pod counted which is about to go', () => {
    const ending = sources.map(({ uid }) => ({ uid, isEnding: true }));
    expect(pacedStatus(before, grown, ending)).toBe(grown);
    const still = folded(
      first,
      readings(20).filter(({ podUid }) => podUid === 'gateway-1'),
      2,
    );
    const quiet = later({ evidence: kept(still) });
    expect(pacedStatus(before, quiet, [...sources.slice(0, 1), ...ending.slice(1)])).toBe(before);
  });

  test('is written for anything while nothing is counted', () => {
    const after = { ...before, conditions: [said('another message')] };
    expect(pacedStatus(before, after, sources)).toBe(after);
    expect(pacedStatus(undefined, after, sources)).toBe(after);
  });
});

/** One look of the gateway pods: milliseconds since the last, and what the candidate answered in them. */
const look = fc.record({
  passed: fc.integer({ min: 100, max: 4000 }),
  requests: fc.nat({ max: 30 }),
  errors: fc.nat({ max: 30 }),
});

test('whatever is not written, all that is judged is the same as if every look were', () => {
  fc.assert(
    fc.property(fc.array(look, { minLength: 5, maxLength: 60 }), (looks) => {
      let [every, paced] = [opened, opened];
      let writes = 0;
      let now = start;
      const counted = { requests: 0, errors: 0 };
      for (const { passed, requests, errors } of looks) {
        now += passed;
        counted.requests += requests;
        counted.errors += Math.min(errors, requests);
        const fresh = { readings: readings(counted.requests, { errors: counted.errors }), pods: uids, now };
        every = foldReadings(every, fresh);
        const seen = foldReadings(paced, fresh);
        const judged = ({ steps, marks }: Ledger) => [steps, marks, recentTraffic(marks, steps.at(-1), now)];
        expect(judged(seen)).toEqual(judged(every));
        const [before, after] = [later({ evidence: kept(paced) }), later({ evidence: kept(seen) })];
        if (pacedStatus(before, after, sources) === before) continue;
        if (canonicalJson(before) !== canonicalJson(after)) writes += 1;
        paced = seen;
      }
      // The first reading, each mark, and nothing besides.
      expect(writes).toBeLessThanOrEqual(1 + (now - start) / markMilliseconds);
    }),
  );
});

describe('a status that can wait', () => {
  const resting: ModelDeploymentStatus = {
    observedGeneration: 1,
    ...{ stable: record(1), traffic: [known(1, 100)], replicas: 2, readyReplicas: 2 },
    conditions: [said('digits-1 gets all requests')],
  };
  const warming: ModelDeploymentStatus = {
    ...resting,
    candidate: record(2),
    rollout: { ...rollout, phase: 'WarmingUp', weightPercent: 0 },
  };
  const trouble = { ...said('no node'), type: 'Progressing', status: 'False' } as const;

  test.each<[string, ModelDeploymentStatus | undefined, ModelDeploymentStatus, boolean]>([
    ['is that a candidate begins to warm up', resting, warming, true],
    ['is a count of pods alone', warming, { ...warming, replicas: 4 }, true],
    ['is not the first one of all', undefined, resting, false],
    ['is not that ready pods are fewer', resting, { ...resting, readyReplicas: 1 }, false],
    ['is not that something is in the way', resting, { ...warming, conditions: [trouble] }, false],
    ['is not another candidate in the place of one', warming, { ...warming, candidate: record(3) }, false],
    ['is not a share', warming, { ...warming, traffic: [known(1, 100), known(2, 0)] }, false],
    ['is not a first candidate without anything live', { ...resting, stable: undefined }, warming, false],
  ])('%s', (_, from, to, expected) => {
    expect(statusCanWait(from, to)).toBe(expected);
  });
});
