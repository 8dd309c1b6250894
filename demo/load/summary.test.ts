// "0 lost" must mean that every request had a good answer.
import { describe, expect, test } from '@jest/globals';
import { type LoadAnswer, summarizeLoad } from './summary.ts';

const good = (at: number, milliseconds: number, version = 'digits-1'): LoadAnswer => ({
  at,
  milliseconds,
  status: 200,
  version,
});

describe('every request is counted once', () => {
  test.each<[string, Partial<LoadAnswer>, 'answered' | 'refused' | 'lost']>([
    ['2xx', { status: 200 }, 'answered'],
    ['429', { status: 429 }, 'refused'],
    ['400', { status: 400 }, 'refused'],
    ['503', { status: 503 }, 'lost'],
    ['a broken connection', { error: 'ECONNRESET' }, 'lost'],
  ])('%s', (_, outcome, counted) => {
    const summary = summarizeLoad([{ at: 0, milliseconds: 1, ...outcome }]);
    const { sent, answered, refused, lost } = summary;
    expect({ sent, answered, refused, lost }).toEqual({ sent: 1, answered: 0, refused: 0, lost: 0, [counted]: 1 });
  });
});

test('faults are named with their number', () => {
  const lost: LoadAnswer[] = [
    { at: 0, milliseconds: 1, status: 503 },
    { at: 1, milliseconds: 1, status: 503 },
    { at: 2, milliseconds: 1, error: 'socket hang up' },
  ];
  expect([...summarizeLoad(lost).faults]).toEqual([
    ['status 503', 2],
    ['socket hang up', 1],
  ]);
});

test('quantiles are those of the good answers', () => {
  const answers = Array.from({ length: 200 }, (_, index) => good(index * 20, index + 1));
  const { p50, p99, slowest, rate } = summarizeLoad([...answers, { at: 5, milliseconds: 9999, status: 500 }]);
  expect({ p50, p99, slowest }).toEqual({ p50: 100, p99: 198, slowest: 200 });
  expect(rate).toBeCloseTo(50, 0);
});

test('versions are told with their first and last answer', () => {
  const { versions } = summarizeLoad([good(30, 5, 'digits-2'), good(0, 5), good(20, 20), good(40, 1, 'digits-2')]);
  expect(versions).toEqual([
    { version: 'digits-1', answers: 2, p50: 5, p99: 20, firstAt: 5, lastAt: 40 },
    { version: 'digits-2', answers: 2, p50: 1, p99: 5, firstAt: 35, lastAt: 41 },
  ]);
});

test('nothing sent is no division by nothing', () => {
  expect(summarizeLoad([])).toMatchObject({ sent: 0, lost: 0, rate: 0, p50: 0, p99: 0, versions: [] });
});
