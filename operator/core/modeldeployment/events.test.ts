// Each turn of a deployment's way is told once, and only what changed.
import { describe, expect, test } from '@jest/globals';
import type { Condition } from '@sluice/crds/fragments.ts';
import { reasons } from '@sluice/crds/reasons.ts';
import type { Statement } from '../conditions.ts';
import { type Changed, eventsOf } from './events.ts';
import { keepEvidence, openEvidence } from './rollout/counters.ts';
import type { TrialResult } from './rollout/trial.ts';
import { known, modelDeployment, record, share } from './testing/samples.ts';

const serving: Statement = { type: 'Available', status: 'True', reason: 'Serving', message: '' };
const down: Statement = { type: 'Available', status: 'False', reason: 'NothingServes', message: 'no pod' };
const stalled: Statement = { type: 'Stalled', status: 'True', reason: 'BundleCorrupt', message: 'bad bytes' };
const stuck: Statement = { ...stalled, type: 'Progressing', status: 'False' };

const conditions = (...statements: Statement[]): Condition[] =>
  statements.map((each) => ({ ...each, observedGeneration: 1, lastTransitionTime: '2026-01-05T10:00:00Z' }));

const changed = (changes: Partial<Changed>): Changed => ({
  before: undefined,
  place: { stable: undefined, candidate: undefined },
  shares: [],
  statements: [serving],
  ...changes,
});

describe('events', () => {
  test.each<[string, Changed, string[]]>([
    ['tell of a version that starts', changed({ place: { stable: undefined, candidate: record(1) } }), ['WarmingUp']],
    [
      'tell of requests that move',
      changed({
        before: { observedGeneration: 1, candidate: record(1), traffic: [known(1, 0)] },
        place: { stable: undefined, candidate: record(1) },
        shares: [share(1, 100)],
      }),
      ['SwitchingTraffic'],
    ],
    [
      'tell of a version that arrived',
      changed({
        before: { observedGeneration: 1, candidate: record(1) },
        place: { stable: record(1), candidate: undefined },
      }),
      ['Switched'],
    ],
    [
      'tell once of one trouble that two conditions speak of',
      changed({ statements: [stalled, stuck] }),
      ['BundleCorrupt'],
    ],
    [
      'do not tell of a trouble again',
      changed({ before: { observedGeneration: 1, conditions: conditions(stalled) }, statements: [stalled] }),
      [],
    ],
    [
      'tell of a loss of all answers',
      changed({ before: { observedGeneration: 1, conditions: conditions(serving) }, statements: [down] }),
      ['NothingServes'],
    ],
    ['say nothing of a deployment that never served', changed({ statements: [down] }), []],
  ])('%s', (_, change, expected) => {
    const events = eventsOf(change);
    expect(events.map(({ reason }) => reason)).toEqual(expected);
    for (const { reason } of events) {
      const rows = new Map<string, { on: readonly string[] }>(Object.entries(reasons.ModelDeployment));
      expect(rows.get(reason)?.on).toContain('Event');
    }
  });
});

describe('a rollout', () => {
  const evidence = openEvidence(record(2).revision, record(1).revision);
  const baking: TrialResult = {
    ...({ phase: 'Baking', step: 'bake', weightPercent: 100, verdicts: [], gates: [], evidence } as const),
    ...{ kept: keepEvidence(evidence), isLiveGone: false },
    status: {
      ...({ revision: record(2).revision, baseline: record(1).revision, since: '2026-01-05T10:00:00Z' } as const),
      ...({ phase: 'Baking', step: 'bake', weightPercent: 100, candidateSamples: 0, warmReplicas: 2 } as const),
      evaluationAttempt: 1,
    },
  };
  const steps = [{ name: 'half', weightPercent: 50 }];

  const place = { stable: record(1), candidate: record(2) };
  const before = { observedGeneration: 1, candidate: record(2), stable: record(1) };

  test('tells no step: each is in the status while it goes on', () => {
    const deployment = modelDeployment({ rollout: { steps, bakeSeconds: 60 } });
    expect(eventsOf(changed({ before, place, trial: baking, modelDeployment: deployment }))).toEqual([]);
  });

  test('tells at its end by which steps it came there, each once', () => {
    const step = (name: string, share: number, guardrailOnly = false) => ({
      ...{ name, share, guardrailOnly, startedAt: 0 },
      ...{ candidate: { requests: 0, errors: 0, latency: '' }, stable: { requests: 0, errors: 0, latency: '' } },
    });
    const passed = [step('probe', 0.05), step('half', 0.5), step('half', 1), step('half', 0.5), step('bake', 1)];
    const judged = { ...keepEvidence(evidence), steps: [...passed, step('bake', 0.7, true)] };
    const [event] = eventsOf(
      changed({ before: { ...before, evidence: judged }, place: { stable: record(2), candidate: undefined } }),
    );
    const { revision } = record(2);
    expect(event?.message).toBe(`all requests go to digits-2 (revision ${revision}), after probe 5 %, half 50 %`);
  });
});
