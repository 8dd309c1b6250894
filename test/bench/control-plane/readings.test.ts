// What a process says of itself is read from text that programs of others write.
import { describe, expect, test } from '@jest/globals';
import { heapFlag } from './installation.ts';
import { parseProcessorSeconds, parseResidentMiB, processorSeconds, residentMiB } from './process-figures.ts';
import { quantile } from './quantile.ts';

describe('a process', () => {
  test('has its times behind a name that may hold spaces and parentheses', () => {
    const stat = `7 (a ) b) S 1 7 7 0 -1 4194304 9 0 0 0 250 50 0 0 20 0 1 0 5 9 9`;
    expect(parseProcessorSeconds(stat)).toBe(3);
  });

  test('that has ended has no resident memory', () => {
    expect(parseResidentMiB('Name:\tnode\nVmRSS:\t  2048 kB\n')).toBe(2);
    expect(() => parseResidentMiB('Name:\tnode\nState:\tZ (zombie)\n')).toThrow('VmRSS');
  });

  test('can be this one', async () => {
    expect(await residentMiB(process.pid)).toBeGreaterThan(1);
    expect(await processorSeconds(process.pid)).toBeGreaterThan(0);
  });
});

describe('a quantile', () => {
  test.each([
    [0.5, 2],
    [0.99, 4],
    [0.25, 1],
    [1, 4],
  ])('%d of four values is the %d smallest by nearest rank', (q, expected) => {
    expect(quantile([4, 1, 3, 2], q)).toBe(expected);
  });
});

describe('the heap', () => {
  test('is the share of the memory that the image takes', () => {
    expect(heapFlag('CMD ["node", "--max-old-space-size-percentage=75", "/app/main.mjs"]', '256Mi')).toBe(
      '--max-old-space-size=192',
    );
    expect(() => heapFlag('CMD ["node", "/app/main.mjs"]', '256Mi')).toThrow('Dockerfile');
  });
});
