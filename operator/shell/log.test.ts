// A hot loop cannot flood the log, and what it kept back is counted.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
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

describe('many objects together', () => {
  test('may write 2,000 lines at once and 200 a second, so that a crowd cannot flood either', () => {
    const budget = new LineBudget();
    const admitted = (nowMs: number) =>
      Array.from({ length: 5000 }, (_, at) => budget.admit(`${nowMs}-${at}`, nowMs)).filter((each) => each === 0)
        .length;
    expect([admitted(0), admitted(1000)]).toEqual([2000, 200]);
  });

  test('H20: 100,000 lines without a pause fit into a small heap; what was written is out, what was dropped is counted', () => {
    const program = join(import.meta.dirname, 'testing', 'flood.ts');
    const options = ['--max-old-space-size=64', '--disable-warning=ExperimentalWarning', program];
    const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const lines = stdout.trim().split('\n');
    const said = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(status).toBe(1);
    expect(lines.length).toBeGreaterThanOrEqual(2000);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 'info',
      message: 'reconciled',
      key: expect.stringMatching(/^ml/),
    });
    expect(said).toMatchObject([
      { level: 'warn', message: 'log lines were dropped', droppedLines: 100_000 - lines.length },
      { dropped: 100_000 - lines.length },
    ]);
  }, 60_000);
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
