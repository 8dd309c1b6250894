// When a step is left, held or taken back.
import { describe, expect, test } from '@jest/globals';
import { describeTooFewSamples, judgeStep, type StepState } from './step.ts';
import { giveVerdict, type Verdict } from './verdict.ts';

const gate = (name: string, verdict: Verdict) =>
  giveVerdict({ name, verdict, n: 400, method: 'test', message: `${name} says ${verdict}.` });

const state = (over: Partial<StepState> = {}): StepState => ({
  rule: { name: 'probe', minCandidateSamples: 400, minSeconds: 10, maxSeconds: 600, onInconclusive: 'Hold' },
  elapsedSeconds: 20,
  candidateSamples: 400,
  verdicts: [gate('errors', 'Pass'), gate('latency', 'Pass')],
  guardrail: gate('guardrail', 'Pass'),
  ...over,
});

const rule = (onInconclusive: 'Hold' | 'Rollback' | 'Promote') => ({ ...state().rule, onInconclusive });
const undecided = [gate('errors', 'Pass'), gate('latency', 'Inconclusive')];

describe('a step', () => {
  test.each<[string, Partial<StepState>, string]>([
    ['is left when samples, time and gates allow it', {}, 'Advance'],
    ['stays with one sample too few', { candidateSamples: 399 }, 'Stay'],
    ['stays before its minimum time', { elapsedSeconds: 9 }, 'Stay'],
    ['stays while a gate is undecided', { verdicts: undecided }, 'Stay'],
    ['stays while a gate cannot be judged', { verdicts: [gate('errors', 'Error')] }, 'Stay'],
    [
      'is taken back at once by a failing gate, also before its minimum',
      { elapsedSeconds: 1, candidateSamples: 3, verdicts: [gate('errors', 'Fail')] },
      'Rollback',
    ],
    ['is taken back by the guardrail', { guardrail: gate('guardrail', 'Fail') }, 'Rollback'],
    ['does not wait for the guardrail to pass', { guardrail: gate('guardrail', 'Inconclusive') }, 'Advance'],
    ['is not left while pods are missing, also after its time', { elapsedSeconds: 900, missing: '1 of 2' }, 'Stay'],
    [
      'waits for missing pods, whatever is to happen when it stays undecided',
      { elapsedSeconds: 600, verdicts: undecided, rule: rule('Promote'), missing: '1 of 2' },
      'Stay',
    ],
    [
      'is taken back by a failing gate while pods are missing',
      { verdicts: [gate('errors', 'Fail')], missing: '1 of 2' },
      'Rollback',
    ],
    ['holds when undecided for too long', { elapsedSeconds: 600, verdicts: undecided }, 'Hold'],
    [
      'holds when an unreadable gate lasts too long',
      { elapsedSeconds: 600, verdicts: [gate('errors', 'Error')] },
      'Hold',
    ],
    [
      'is taken back when undecided for too long, if so asked',
      { elapsedSeconds: 600, verdicts: undecided, rule: rule('Rollback') },
      'Rollback',
    ],
    [
      'is left when undecided for too long, if so asked',
      { elapsedSeconds: 600, verdicts: undecided, rule: rule('Promote') },
      'Advance',
    ],
    ['is never left without any sample', { elapsedSeconds: 600, candidateSamples: 0, rule: rule('Promote') }, 'Hold'],
    ['holds when there were too few requests until the end', { elapsedSeconds: 600, candidateSamples: 12 }, 'Hold'],
    ['goes on from a hold as soon as its gates pass', { elapsedSeconds: 900 }, 'Advance'],
  ])('%s', (_, over, action) => {
    const outcome = judgeStep(state(over));
    expect(outcome.action).toBe(action);
    expect(outcome.message).toContain('probe');
  });

  test.each([
    [
      20,
      'Stay',
      'Step probe has 12 of 400 samples; the candidate was too busy for 90 more (429): raise server.replicas.',
    ],
    [600, 'Hold', 'Step probe undecided after 600 s, 12 of 400 samples; the candidate was too busy for 90 more (429)'],
  ])('after %i s says why more requests would not help a busy candidate', (elapsedSeconds, action, words) => {
    const outcome = judgeStep(state({ elapsedSeconds, candidateSamples: 12, busyFor: 90 }));
    expect([outcome.action, outcome.message]).toEqual([action, expect.stringContaining(words)]);
  });

  test('names the gate that failed, with its words', () => {
    const { gate: name, message } = judgeStep(state({ verdicts: [gate('errors', 'Pass'), gate('latency', 'Fail')] }));
    expect(name).toBe('latency');
    expect(message).toContain('latency says Fail.');
  });
});

describe('too few samples', () => {
  const few = { name: 'probe', minCandidateSamples: 100 };

  test('are said at once, with the strictest gate', () => {
    const said = describeTooFewSamples(few, [
      { gate: 'errors', samples: 374 },
      { gate: 'latency', samples: 390 },
    ]);
    expect(said).toBe(
      'Step probe: 100 samples cannot suffice; gate latency needs at least 390. Raise minCandidateSamples, or allow more.',
    );
  });

  test('are none when every gate can pass', () => {
    expect(describeTooFewSamples(few, [{ gate: 'errors', samples: 100 }])).toBeNull();
    expect(describeTooFewSamples(few, [])).toBeNull();
  });

  test('a gate that can never pass is named', () => {
    expect(describeTooFewSamples(few, [{ gate: 'errors', samples: undefined }])).toContain('errors');
  });
});
