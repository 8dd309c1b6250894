// A candidate that ends otherwise than expected is told of, in words that say what happened instead.
import { describe, expect, test } from '@jest/globals';
import { type Expected, type Outcome, surprise } from './outcome.ts';

const step = (name: string) => ({ step: name, weightPercent: 10, from: 0, to: 1, samples: 100 });
const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  version: 'digits-3',
  steps: [step('probe'), step('half'), step('bake')],
  answers: 900,
  gate: undefined,
  ...changes,
});
const promoted: Expected = { end: 'promoted' };
const refused: Expected = { end: 'refused', gate: 'accuracy' };
const takenBack: Expected = { end: 'taken back', gate: 'latency', step: 'probe' };

describe('as expected is', () => {
  test.each<[string, Expected, Outcome]>([
    ['a promotion', promoted, outcome()],
    ['a refusal without a request', refused, outcome({ steps: [], answers: 0, gate: 'accuracy' })],
    ['a rollback in the first step', takenBack, outcome({ steps: [step('probe')], answers: 60, gate: 'latency' })],
  ])('%s', (_, expected, seen) => {
    expect(surprise(expected, seen)).toBeUndefined();
  });
});

describe('a surprise is', () => {
  test.each<[string, Expected, Outcome, string]>([
    ['a good one refused', promoted, outcome({ gate: 'latency' }), 'promoted in steps; it was refused by gate latency'],
    ['a bad one promoted', refused, outcome(), 'before it gets a request; it was promoted, after 900 answers'],
    ['the wrong gate', refused, outcome({ answers: 0, gate: 'guardrail' }), 'it was refused by gate guardrail'],
    ['a request to one that was refused', refused, outcome({ answers: 1, gate: 'accuracy' }), 'after 1 answers'],
    [
      'a rollback in a later step',
      takenBack,
      outcome({ gate: 'latency', steps: [step('probe'), step('half')] }),
      'in step probe; it was refused by gate latency, after 900 answers, seen in step probe, half.',
    ],
    ['a rollback without a request', takenBack, outcome({ gate: 'latency', steps: [], answers: 0 }), 'in no step'],
  ])('%s', (_, expected, seen, words) => {
    expect(surprise(expected, seen)).toContain(words);
  });
});
