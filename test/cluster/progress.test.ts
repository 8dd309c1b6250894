// A person who waits sees what is going on, and afterwards where the time went.
import { expect, test } from '@jest/globals';
import { Progress } from './progress.ts';

test('says when a stage starts and ends, and hands its result through', async () => {
  const lines: string[] = [];
  const progress = new Progress((line) => lines.push(line));
  expect(await progress.stage('boil water', () => Promise.resolve('tea'))).toBe('tea');
  expect(lines).toEqual(['  boil water ...', expect.stringMatching(/^ {2}boil water: done in \d+\.\d s$/)]);
});

test('does not drown a log in details', async () => {
  const lines: string[] = [];
  const progress = new Progress((line) => lines.push(line));
  await progress.stage('count', (report) => {
    for (let number = 0; number < 1000; number += 1) report(String(number));
    return Promise.resolve();
  });
  expect(lines).toHaveLength(2);
});

test('the summary has a line for each finished stage and one for all', async () => {
  const progress = new Progress(() => {});
  await progress.stage('one', () => Promise.resolve());
  await expect(progress.stage('two', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(
    progress
      .summary()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)[0]),
  ).toEqual(['one', 'in all (stages overlap)']);
});
