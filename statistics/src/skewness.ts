// Corrects an interval for what skewed rows do to it, and says when they are too skewed for any interval to hold.
import { studentTCritical } from './student-t.ts';

/** Moments of a sample: the deviation divides by rows - 1, the skewness is the third moment over the second to the 3/2. */
export type Moments = {
  readonly rows: number;
  readonly mean: number;
  readonly deviation: number;
  readonly skewness: number;
};

/** Two passes: the mean first, so that a large mean does not swallow the rest. Linear in the rows. */
export function momentsOf(values: ArrayLike<number>): Moments {
  const rows = values.length;
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += values[row] ?? Number.NaN;
  const mean = sum / rows;
  let [squares, cubes] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const from = (values[row] ?? Number.NaN) - mean;
    squares += from * from;
    cubes += from * from * from;
  }
  const skewness = squares === 0 ? 0 : (cubes / rows) * (squares / rows) ** -1.5;
  return { rows, mean, deviation: Math.sqrt(squares / (rows - 1)), skewness };
}

/** Fewer rows say nothing of their own tail. */
const fewestRows = 20;

/** Most skewness over sqrt(rows), which is at most 1, that an interval is given for: of errors, and of squares of errors. */
export const tailBounds = { errors: 0.37, squares: 0.25 } as const;

/**
 * Why no interval of a mean of such rows would hold; undefined when one does. Above the bound a sample that has met its
 * rare large values is refused; `npm run decide -- intervals` shows how often. The bound falls with the rows, because tails
 * so heavy that the mean has no variance keep the figure high at every size.
 */
export function tailFault({ rows, skewness }: Pick<Moments, 'rows' | 'skewness'>, bound: number): string | undefined {
  if (rows < fewestRows)
    return `${rows} rows are too few to know how far others lie; at least ${fewestRows} are needed`;
  if (Math.abs(skewness) / Math.sqrt(rows) <= Math.min(bound, 1.26 * rows ** -0.25)) return undefined;
  return 'few large errors make most of it, so it may be far off; more rows are needed';
}

/** A standardised estimate: its rows' skewness, and half of the slope that a logarithm adds to its standard error. */
export type Standardised = { readonly rows: number; readonly skewness: number; readonly curvature: number };

/**
 * The two values between which (estimate - truth) / standard error lies: Student's, corrected by Hall's cubic
 * transformation (1992, "On the removal of skewness by transformation") for the first Edgeworth term, whose mean is
 * curvature - skewness / 2 and whose third cumulant 6 · curvature - 2 · skewness, each over sqrt(rows). The end towards
 * larger values is drawn out by one and a half times the skewness over sqrt(rows): a sample knows too little of its own
 * tail.
 */
export function correctedCriticals({ rows, skewness, curvature }: Standardised, confidence: number) {
  const critical = studentTCritical(confidence, rows - 1);
  const bend = (skewness - 3 * curvature) / (3 * Math.sqrt(rows));
  const shift = (skewness / 2 - curvature) / Math.sqrt(rows) - bend;
  const undo = (corrected: number) =>
    Math.abs(bend) < 1e-9 ? corrected - shift : (Math.cbrt(1 + 3 * bend * (corrected - shift)) - 1) / bend;
  const drawnOut = 1 + (1.5 * Math.max(0, skewness)) / Math.sqrt(rows);
  return { low: undo(-critical) * drawnOut, high: undo(critical) };
}
