// Small data sets for end-to-end tests, made by a formula: the same rows in every run.

/** Two classes of points, apart enough that any working trainer tells them apart. `x`, `y`, `label`. */
export function twoClasses(rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const label = index % 2;
    const x = Math.sin(index * 12.9898) + (label === 1 ? 2.5 : 0);
    const y = Math.cos(index * 78.233) - (label === 1 ? 2.5 : 0);
    return `${x.toFixed(4)},${y.toFixed(4)},${label === 1 ? 'yes' : 'no'}`;
  });
  return `x,y,label\n${lines.join('\n')}\n`;
}

/** A line with a little noise: `x`, `value`. */
export function aLine(rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const x = (index % 100) / 10;
    return `${x.toFixed(2)},${(3 * x + 1 + Math.sin(index * 3.7) / 5).toFixed(4)}`;
  });
  return `x,value\n${lines.join('\n')}\n`;
}

type Curve = {
  readonly rows: number;
  /** Number of the first point: other numbers are other points. */
  readonly from?: number;
  /** Gives every point the label of another one: there is nothing to learn. */
  readonly shuffled?: boolean;
};

/** Points above and below a parabola, which a line tells apart badly and a curve well. `x`, `y`, `label`. */
export function aCurve({ rows, from = 0, shuffled = false }: Curve): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const [x, y] = spread(from + index);
    const [labelX, labelY] = shuffled ? spread(index * 7919 + 100_003) : [x, y];
    return `${x.toFixed(4)},${y.toFixed(4)},${labelY > labelX * labelX ? 'yes' : 'no'}`;
  });
  return `x,y,label\n${lines.join('\n')}\n`;
}

/** Points that fill the square from (-2, -1) to (2, 3) evenly: additive recurrence by the plastic number. */
function spread(index: number): [x: number, y: number] {
  return [((index * 0.7548776662) % 1) * 4 - 2, ((index * 0.569840291) % 1) * 4 - 1];
}
