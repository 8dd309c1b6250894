// Evaluation gates: value and regression must both hold, by counts over the same rows.
import { describe, expect, test } from '@jest/globals';
import { type EvaluationEvidence, type EvaluationGate, fewestRows, judgeEvaluation } from './evaluation.ts';

const gate: EvaluationGate = {
  name: 'accuracy',
  metric: 'accuracy',
  confidence: 0.95,
  min: 0.9,
  maxRegression: 0.01,
  version: 'digits-2',
};

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
  asked: bothRight + onlyCandidate + onlyStable + bothWrong,
  faults: clean,
});

const none = { unanswered: 0, nonFinite: 0 };
const clean = { candidate: none, stable: none };

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
  "message": "accuracy 0.1316 of 380 rows misses min 0.9 and live 0.9474 with a loss of 0.01. See metrics of ModelVersion digits-2; publish a better one, or change gates[accuracy] and retryToken.",
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

const faults = (candidate: object, stable: object = {}) => ({
  faults: { candidate: { ...none, ...candidate }, stable: { ...none, ...stable } },
});

describe('rows without an answer', () => {
  const all = paired(1000, 0, 0, 0);

  test.each<[string, EvaluationEvidence, RegExp]>([
    [
      'of the candidate',
      { ...all, asked: 1012, ...faults({ unanswered: 12, firstFailure: 'status 500: {}' }) },
      /^The candidate revision did not answer 12 of 1012 rows \(status 500: {}\)\. See the logs of its pods; then/,
    ],
    [
      'of the live revision',
      { ...all, asked: 1001, ...faults({}, { unanswered: 1 }) },
      /^The live revision .* 1 of 1001/,
    ],
    ['at all', paired(0, 0, 0, 0), /no rows: name one .* in gates\[accuracy\]\.evaluation\.dataset/],
    [
      'whose cause is long',
      { ...all, ...faults({ unanswered: 12, firstFailure: 'x'.repeat(200) }) },
      /x….* See the logs of its pods; then set a new rollout\.retryToken\.$/,
    ],
  ])('%s are an error with its remedy, never a pass', (_, evidence, message) => {
    const judged = judgeEvaluation(gate, evidence);
    expect([judged.verdict, judged.message]).toEqual(['Error', expect.stringMatching(message)]);
    expect(judged.message.length).toBeLessThanOrEqual(200);
  });
});

describe('answers that are no numbers', () => {
  const mae: EvaluationGate = { name: 'error', metric: 'mae', confidence: 0.95, max: 3, version: 'rent-2' };
  const value = { value: 2, lower: 1.9, upper: 2.1 };
  const metric: EvaluationEvidence = {
    ...{ type: 'Metric', rows: 490, asked: 500, better: 'Lower', candidate: value, stable: value, difference: value },
    faults: clean,
  };

  test('are wrong ones of a classifier, and said', () => {
    const judged = judgeEvaluation(gate, { ...paired(300, 0, 60, 20), ...faults({ nonFinite: 60 }) });
    expect(judged.verdict).toBe('Fail');
    expect(judged.message).toContain('accuracy 0.7895 of 380 rows (60 NaN) misses min 0.9');
  });

  test('do not fail a classifier that is good enough without them', () => {
    const judged = judgeEvaluation(gate, { ...paired(1880, 60, 10, 50), ...faults({ nonFinite: 5 }) });
    expect(judged.verdict).toBe('Pass');
    expect(judged.message).toContain('(5 NaN)');
  });

  test.each<[string, EvaluationEvidence]>([
    ['some', { ...metric, ...faults({ nonFinite: 10 }) }],
    ['some, and others none at all', { ...metric, ...faults({ nonFinite: 10, unanswered: 7 }) }],
    ['all', { type: 'TooFew', asked: 500, ...faults({ nonFinite: 500 }) }],
  ])('to %s rows fail a regression: its error is infinite', (_, evidence) => {
    const { verdict, message, n } = judgeEvaluation(mae, evidence);
    expect([verdict, n]).toEqual(['Fail', 500]);
    expect(message).toMatch(/^\d+ of 500 answers were NaN or infinite: there is no mae\. Check .* ModelVersion rent-2/);
    expect(message.length).toBeLessThanOrEqual(200);
  });

  test('of the live revision alone are no reason to refuse the candidate', () => {
    expect(judgeEvaluation(mae, { ...metric, ...faults({}, { nonFinite: 10 }) }).verdict).toBe('Pass');
    const nothingLeft = judgeEvaluation(mae, { type: 'TooFew', asked: 500, ...faults({}, { nonFinite: 500 }) });
    expect(nothingLeft.verdict).toBe('Inconclusive');
    expect(nothingLeft.message).toContain('Set rollout.onInconclusive to Promote, or remove gates[error].');
  });

  test('are not the reason when a dataset has one row', () => {
    const { verdict, message } = judgeEvaluation(mae, { type: 'TooFew', asked: 1, faults: clean });
    expect([verdict, message]).toEqual([
      'Error',
      expect.stringContaining('at least 2 in gates[error].evaluation.dataset'),
    ]);
  });
});

test('without a live revision only values can be judged', () => {
  const alone: EvaluationEvidence = { type: 'Single', right: 960, wrong: 40, asked: 1000, faults: clean };
  const { maxRegression: _, ...valueOnly } = gate;
  expect(judgeEvaluation(valueOnly, alone).verdict).toBe('Pass');
  expect(judgeEvaluation(gate, alone).verdict).toBe('Inconclusive');
});

test('a gate without thresholds never passes', () => {
  const bare = { name: 'accuracy', metric: 'accuracy', confidence: 0.95, version: 'digits-2' };
  expect(judgeEvaluation(bare, paired(1000, 0, 0, 0)).verdict).toBe('Inconclusive');
});

describe('a metric of which less is better', () => {
  const error: EvaluationGate = {
    name: 'error',
    metric: 'rmse',
    confidence: 0.95,
    max: 3,
    maxRegression: 0.2,
    version: 'rent-2',
  };
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
    asked: 500,
    faults: clean,
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
