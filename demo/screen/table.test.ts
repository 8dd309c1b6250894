// Numbers as a person reads them.
import { expect, test } from '@jest/globals';
import { duration, interval, nameTable, percent } from './table.ts';

test.each([
  [7.345, '7.3 s'],
  [119.94, '119.9 s'],
  [125.2, '2 min 05 s'],
  [179.6, '3 min 00 s'],
])('%d seconds read as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('a metric is shown with its interval and the rows behind it', () => {
  const metric = { name: 'accuracy', split: 'test', value: 0.9724, lower: 0.9642, upper: 0.9788, n: 1956 } as const;
  expect(interval(metric)).toBe('97.2 %  (95 % interval 96.4 % to 97.9 %, 1956 digits it never saw)');
});

test('a metric without an interval says why', () => {
  const metric = { name: 'accuracy', split: 'test', value: 0.9724, noInterval: 'too few rows', n: 3 } as const;
  expect(interval(metric)).toBe('97.2 %  (3 digits it never saw; no interval: too few rows)');
});

test('values stand in one column', () => {
  expect(
    nameTable([
      ['a', percent(0.5)],
      ['long', 'x'],
    ]),
  ).toEqual(['  a     50.0 %', '  long  x']);
});
