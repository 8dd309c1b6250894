// Who comes next, in order within a namespace and in turn between them.
import { describe, expect, test } from '@jest/globals';
import { FairLine } from './fair-line.ts';

const lineOf = (...keys: string[]) => {
  const line = new FairLine();
  for (const key of keys) line.join(key);
  return line;
};

const all = (line: FairLine) => Array.from({ length: line.size }, () => line.next());

describe('the line', () => {
  test.each<[string, string[], string[]]>([
    ['keeps the order within a namespace', ['a/1', 'a/2', 'a/3'], ['a/1', 'a/2', 'a/3']],
    ['gives each namespace its turn', ['a/1', 'a/2', 'a/3', 'b/1', 'c/1'], ['a/1', 'b/1', 'c/1', 'a/2', 'a/3']],
    ['holds a key once, at its first place', ['a/1', 'a/2', 'a/1'], ['a/1', 'a/2']],
    ['keeps the order of keys without a namespace', ['xx', 'y', 'xz'], ['xx', 'y', 'xz']],
  ])('%s', (_, joined, order) => {
    expect(all(lineOf(...joined))).toEqual(order);
  });

  test('forgets who leaves, and nothing else', () => {
    const line = lineOf('a/1', 'a/2', 'b/1');
    for (const key of ['a/1', 'b/1', 'b/1', 'c/9']) line.leave(key);
    expect(line.size).toBe(1);
    expect(['a/1', 'a/2', 'c/9'].map((key) => line.has(key))).toEqual([false, true, false]);
    expect([line.next(), line.next()]).toEqual(['a/2', undefined]);
  });

  test('puts a namespace that comes late behind one turn of the others', () => {
    const line = lineOf('a/1', 'a/2', 'a/3');
    expect(line.next()).toBe('a/1');
    line.join('b/1');
    expect(all(line)).toEqual(['a/2', 'b/1', 'a/3']);
  });
});
