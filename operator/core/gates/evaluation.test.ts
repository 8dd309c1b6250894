// Evaluation gates: value and regression must both hold, by counts over the same rows.
import { describe, expect, test } from '@jest/globals';
import {
  type EvaluationEvidence,
  type EvaluationGate,
  fewestRows,
  judgeEvaluation,
  judgesWithoutBaseline,
} from './evaluation.ts';

const gate: EvaluationGate = { name: 'accuracy', metric: 'accuracy', confidence: 0.95, min: 0.9, maxRegression: 0.01 };

const paired = (
  bothRight: number,
  onlyCandidate: number,
  onlyStable: number,
  bothWrong: number,
): EvaluationEvidence => ({
  type: 'Paired',
  bothRight,
  onlyCandidate,
  onlyStable,
  bothWrong,
  unanswered: 0,
});

describe('accuracy', () => {
  test.each<[string, EvaluationEvidence, string]>([
    ['a better model passes', paired(1880, 60, 10, 50), 'Pass'],
    ['the same answers pass when there are enough rows', paired(950, 0, 0, 50), 'Pass'],
    ['the same answers on few rows show nothing', paired(340, 0, 0, 20), 'Inconclusive'],
    ['shuffled labels fail', paired(40, 10, 320, 10), 'Fail'],
    ['a model below min fails although it is as good as the live one', paired(1700, 20, 20, 260), 'Fail'],
    ['a worse model fails although it is above min', paired(1860, 5, 95, 40), 'Fail'],
    ['an estimate just above min on few rows is undecided', paired(91, 0, 0, 9), 'Inconclusive'],
    ['a model that may be slightly worse is undecided', paired(940, 8, 14, 38), 'Inconclusive'],
  ])('%s', (_, evidence, verdict) => {
    const judged = judgeEvaluation(gate, evidence);
    expect(judged.verdict).toBe(verdict);
    expect(judged.message.length).toBeLessThanOrEqual(200);
  });

  test('tells figures, samples and what to do', () => {
    expect(judgeEvaluation(gate, paired(340, 0, 0, 20))).toMatchInlineSnapshot(`
{
  "baseline": 0.9444,
  "estimate": 0.9444,
  "lower": 0.9158,
  "message": "accuracy 0.9444 of 360 rows neither shows nor refutes live 0.9444 with a loss of 0.01. Use more rows (at least 546), or allow more.",
  "method": "exact binomial; exact paired test (Berger and Boos)",
  "n": 360,
  "nNeeded": 546,
  "name": "accuracy",
  "upper": 0.9638,
  "verdict": "Inconclusive",
}
`);
    expect(judgeEvaluation(gate, paired(40, 10, 320, 10))).toMatchInlineSnapshot(`
{
  "baseline": 0.9474,
  "estimate": 0.1316,
  "lower": 0.1012,
  "message": "accuracy 0.1316 of 380 rows misses min 0.9 and live 0.9474 with a loss of 0.01. See the candidate’s logs; a new version, or a new rollout.retryToken, tries again.",
  "method": "exact binomial; exact paired test (Berger and Boos)",
  "n": 380,
  "nNeeded": 546,
  "name": "accuracy",
  "upper": 0.1693,
  "verdict": "Fail",
}
`);
    expect(judgeEvaluation(gate, paired(1880, 60, 10, 50))).toMatchInlineSnapshot(`
{
  "baseline": 0.945,
  "estimate": 0.97,
  "lower": 0.9616,
  "message": "accuracy 0.97 of 2000 rows holds min 0.9 and live 0.945 with a loss of 0.01 at 95 % confidence.",
  "method": "exact binomial; exact paired test (Berger and Boos)",
  "n": 2000,
  "nNeeded": 546,
  "name": "accuracy",
  "upper": 0.9766,
  "verdict": "Pass",
}
`);
  });

  test('needs exactly as many rows as it says', () => {
    const rows = fewestRows(gate) ?? 0;
    expect(judgeEvaluation(gate, paired(rows - 1, 0, 0, 0)).verdict).toBe('Inconclusive');
    expect(judgeEvaluation(gate, paired(rows, 0, 0, 0)).verdict).toBe('Pass');
  });
});

test('rows without an answer are an error, never a pass', () => {
  expect(judgeEvaluation(gate, { ...paired(1000, 0, 0, 0), unanswered: 1 }).verdict).toBe('Error');
  expect(judgeEvaluation(gate, paired(0, 0, 0, 0)).verdict).toBe('Error');
});

test('without a live revision only values can be judged', () => {
  const alone: EvaluationEvidence = { type: 'Single', right: 960, wrong: 40, unanswered: 0 };
  const { maxRegression: _, ...valueOnly } = gate;
  expect(judgeEvaluation(valueOnly, alone).verdict).toBe('Pass');
  expect(judgeEvaluation(gate, alone).verdict).toBe('Inconclusive');
  expect(judgesWithoutBaseline(gate)).toBe(true);
  expect(judgesWithoutBaseline({ ...valueOnly, min: undefined })).toBe(false);
});

test('a gate without thresholds never passes', () => {
  const bare = { name: 'accuracy', metric: 'accuracy', confidence: 0.95 };
  expect(judgeEvaluation(bare, paired(1000, 0, 0, 0)).verdict).toBe('Inconclusive');
});

describe('a metric of which less is better', () => {
  const error: EvaluationGate = { name: 'error', metric: 'rmse', confidence: 0.95, max: 3, maxRegression: 0.2 };
  const metric = (
    value: number,
    difference: { value: number; lower: number; upper: number } | undefined,
  ): EvaluationEvidence => ({
    type: 'Metric',
    rows: 500,
    better: 'Lower',
    candidate: { value, lower: value - 0.1, upper: value + 0.1 },
    stable: { value: 2.5, lower: 2.4, upper: 2.6 },
    difference,
    unanswered: 0,
  });

  test.each<[string, EvaluationEvidence, string]>([
    ['passes within both thresholds', metric(2.5, { value: 0, lower: -0.1, upper: 0.1 }), 'Pass'],
    ['fails above max', metric(3.2, { value: 0, lower: -0.1, upper: 0.1 }), 'Fail'],
    ['fails when it is surely worse', metric(2.9, { value: 0.4, lower: 0.3, upper: 0.5 }), 'Fail'],
    ['is undecided in between', metric(2.6, { value: 0.1, lower: -0.1, upper: 0.3 }), 'Inconclusive'],
    ['is undecided near max', metric(2.95, { value: 0, lower: -0.1, upper: 0.1 }), 'Inconclusive'],
    ['is undecided without a difference', metric(2.5, undefined), 'Inconclusive'],
  ])('%s', (_, evidence, verdict) => {
    expect(judgeEvaluation(error, evidence).verdict).toBe(verdict);
  });
});
