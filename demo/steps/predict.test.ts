// Answers are paired with the digits they are about.
import { expect, test } from '@jest/globals';
import { isRight, readPredictions } from './predict.ts';

const digits = [7, 2].map((label) => ({ label, pixels: new Uint8Array(784) }));

const answer = {
  model_version: 'digits-1',
  outputs: [
    { name: 'label', data: ['7', '3'] },
    { name: 'probabilities', data: [0.1, 0.9, 0.6, 0.4] },
  ],
};

test('each digit gets its label and the probability of it', () => {
  const { version, predictions } = readPredictions(answer, digits);
  expect(version).toBe('digits-1');
  expect(predictions.map(({ answer: label, probability }) => [label, probability])).toEqual([
    ['7', 0.9],
    ['3', 0.6],
  ]);
  expect(predictions.map(isRight)).toEqual([true, false]);
});

test('an answer without probabilities is refused by name', () => {
  expect(() => readPredictions({ ...answer, outputs: answer.outputs.slice(0, 1) }, digits)).toThrow(
    'The answer of digits-1 has no output probabilities.',
  );
});
