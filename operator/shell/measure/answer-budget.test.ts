// How much of what pods say is read: so many bytes of a namespace, its pods in turn, whatever they say.
import { describe, expect, test } from '@jest/globals';
import { AnswerBudget, answerLimits, pauseAfterWrongAnswers } from './answer-budget.ts';

const { burstBytes, bytesPerSecond, longestPauseMs, patientAnswers } = answerLimits;

describe('the bytes of a namespace', () => {
  test('are all that is read of it, and its pods have them in turn', () => {
    const budget = new AnswerBudget();
    const pods = ['a', 'b', 'c'];
    const asked = new Map(pods.map((uid) => [uid, 0]));
    const answerBytes = 4 * 1_048_576;
    const seconds = 60;
    for (let ms = 0; ms < seconds * 1000; ms += 100) {
      for (const uid of pods.filter((each) => budget.mayAsk('loud', each, ms))) {
        asked.set(uid, (asked.get(uid) ?? 0) + 1);
        budget.spend('loud', answerBytes, ms);
      }
    }
    const times = [...asked.values()];
    const bytes = times.reduce((sum, each) => sum + each, 0) * answerBytes;
    expect(bytes).toBeLessThanOrEqual(burstBytes + seconds * bytesPerSecond + answerBytes);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(3);
  });

  test('are no business of another namespace', () => {
    const budget = new AnswerBudget();
    budget.spend('loud', 1e12, 0);
    expect(budget.mayAsk('loud', 'a', 1000)).toBe(false);
    expect(budget.mayAsk('calm', 'b', 1000)).toBe(true);
  });

  test('are waited for by nobody who is gone', () => {
    const budget = new AnswerBudget();
    budget.spend('loud', burstBytes, 0);
    expect(budget.mayAsk('loud', 'gone', 0)).toBe(false);
    budget.leave('loud', 'gone');
    expect(budget.mayAsk('loud', 'b', 1000)).toBe(true);
  });
});

test('a pod that answers nonsense is left alone for longer and longer, and never for good', () => {
  const pauses = Array.from({ length: 40 }, (_, index) => pauseAfterWrongAnswers(index));
  expect(pauses.slice(0, patientAnswers).every((pause) => pause === 0)).toBe(true);
  expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
  expect(pauses.at(-1)).toBe(longestPauseMs);
});
