// A hot loop cannot flood the log, and what it kept back is counted.
import { describe, expect, test } from '@jest/globals';
import { errorFields, LineBudget } from './log.ts';

const write = (budget: LineBudget, lines: number, nowMs: number, key = 'a') =>
  Array.from({ length: lines }, () => budget.admit(key, nowMs)).filter((dropped) => dropped !== undefined).length;

describe('the budget of lines', () => {
  test('lets sixty lines of a key through in a minute', () => {
    expect(write(new LineBudget(), 100, 0)).toBe(60);
  });

  test('says in the first line of the next minute how many were dropped', () => {
    const budget = new LineBudget();
    write(budget, 100, 0);
    expect(budget.admit('a', 59_999)).toBeUndefined();
    expect(budget.admit('a', 60_000)).toBe(41);
    expect(budget.admit('a', 60_001)).toBe(0);
  });

  test('is that of a key alone', () => {
    const budget = new LineBudget();
    write(budget, 100, 0);
    expect(write(budget, 3, 0, 'b')).toBe(3);
  });
});

describe('an error in the log', () => {
  test('has its message, its name and what caused it', () => {
    expect(errorFields(new TypeError('outer', { cause: new Error('inner') }))).toEqual({
      error: 'outer',
      errorName: 'TypeError',
      cause: 'inner',
    });
  });
  test('may be anything', () => expect(errorFields('text')).toEqual({ error: 'text' }));
});
