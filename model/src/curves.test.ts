import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { curvesOf, maxCurvePoints, thin } from './curves.ts';

describe('curvesOf', () => {
  test('steps through the thresholds from the highest score down', () => {
    const curves = curvesOf(new Float64Array([0.9, 0.8, 0.7, 0.6]), [true, false, true, false]);
    expect(curves).toEqual({
      roc: [
        [0, 0],
        [0, 0.5],
        [0.5, 0.5],
        [0.5, 1],
        [1, 1],
      ],
      precisionRecall: [
        [0.5, 1],
        [0.5, 0.5],
        [1, 2 / 3],
        [1, 0.5],
      ],
    });
  });

  test('treats equal scores as one step', () => {
    expect(curvesOf(new Float64Array([0.5, 0.5]), [true, false])?.roc).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test('needs rows of both kinds', () => {
    expect(curvesOf(new Float64Array([0.5, 0.6]), [true, true])).toBeUndefined();
    expect(curvesOf(new Float64Array([0.5, 0.6]), [false, false])).toBeUndefined();
  });

  test('runs from corner to corner, never falls, and has at most 100 points', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.boolean()), { minLength: 2, maxLength: 400 });
    fc.assert(
      fc.property(rows, (list) => {
        const curves = curvesOf(
          Float64Array.from(list, ([score]) => score),
          list.map(([, positive]) => positive),
        );
        if (curves === undefined) return;
        const { roc, precisionRecall } = curves;
        expect([roc[0], roc.at(-1)]).toEqual([
          [0, 0],
          [1, 1],
        ]);
        for (const [index, [x, y]] of roc.entries()) {
          const [previousX, previousY] = roc[index - 1] ?? [0, 0];
          expect(x >= previousX && y >= previousY).toBe(true);
        }
        expect(Math.max(roc.length, precisionRecall.length)).toBeLessThanOrEqual(maxCurvePoints);
      }),
    );
  });
});

describe('thin', () => {
  test('keeps the ends', () => {
    expect(thin([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7]);
  });
});
