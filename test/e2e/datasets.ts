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
