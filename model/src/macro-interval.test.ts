import { describe, expect, test } from '@jest/globals';
import { newcombeInterval } from '@sluice/statistics/newcombe.ts';
import { macroAverage } from './confusion.ts';
import { type MacroQuality, macroInterval } from './macro-interval.ts';

const intervalOf = (cells: number[], quality: MacroQuality) => {
  const confusion = Float64Array.from(cells);
  return macroInterval(confusion, { quality, value: macroAverage(confusion, quality), confidence: 0.95 });
};

const bounded = (cells: number[], quality: MacroQuality) => {
  const interval = intervalOf(cells, quality);
  if ('noInterval' in interval) throw new Error(interval.noInterval);
  return interval;
};

describe('macroInterval', () => {
  test('of two classes is half of a sum, whose arms are those of a difference by Newcombe', () => {
    // Recalls 80 of 100 and 30 of 40; of the difference to 10 of 40, each arm is the same.
    const difference = newcombeInterval({ successes: 80, trials: 100 }, { successes: 10, trials: 40 }, 0.95);
    const recall = bounded([80, 20, 10, 30], 'recall');
    expect(recall.lower).toBeCloseTo((difference.lower + 1) / 2, 12);
    expect(recall.upper).toBeCloseTo((difference.upper + 1) / 2, 12);
  });

  test('is wider with a class of few rows than with as many classes of many', () => {
    const width = ({ lower, upper }: { lower: number; upper: number }) => upper - lower;
    const even = width(bounded([450, 50, 50, 450], 'recall'));
    expect(width(bounded([891, 99, 1, 9], 'recall'))).toBeGreaterThan(3 * even);
  });

  test('knows that two classes which are taken for each other err together', () => {
    const f1 = bounded([80, 20, 20, 80], 'f1');
    const each = bounded([80, 20, 20, 80], 'recall');
    expect(f1.upper - f1.lower).toBeGreaterThan(each.upper - each.lower);
  });

  test.each([
    ['precision', [96, 0, 4, 0], 'a class has 0 predicted rows'],
    ['recall', [96, 0, 3, 1], 'a class has 4 actual rows'],
    ['f1', [96, 0, 3, 1], 'a class has 4 actual or predicted rows'],
  ] as const)('%s has none while a class has too few rows, and says so', (quality, cells, why) => {
    expect(intervalOf([...cells], quality)).toMatchObject({ noInterval: expect.stringContaining(why) });
  });

  test('claims no certainty where every row is right', () => {
    const perfect = bounded([50, 0, 0, 50], 'f1');
    expect(perfect).toMatchObject({ value: 1, upper: 1 });
    expect(perfect.lower).toBeLessThan(0.99);
  });
});
