// The confusion matrix, and the qualities that depend on nothing else. Undefined ratios count as 0, as in scikit-learn.

/** Rows are actual classes, columns predicted ones: cell `actual * classes + predicted`. */
export type Confusion = Float64Array;

/** Counts how often each class was predicted as each class. */
export function countConfusion(actual: Int32Array, predicted: Int32Array, classes: number): Confusion {
  const cells = new Float64Array(classes * classes);
  for (let row = 0; row < actual.length; row++) {
    const cell = (actual[row] ?? 0) * classes + (predicted[row] ?? 0);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  return cells;
}

export type ClassQuality = {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows of the class. */
  readonly support: number;
  /** Rows predicted as the class. */
  readonly predicted: number;
};

/** Precision, recall and F1 of each class. */
export function classQualities(cells: Confusion): ClassQuality[] {
  const classes = Math.sqrt(cells.length);
  return Array.from({ length: classes }, (_, index) => {
    const hits = cells[index * classes + index] ?? 0;
    let [support, predicted] = [0, 0];
    for (let other = 0; other < classes; other++) {
      support += cells[index * classes + other] ?? 0;
      predicted += cells[other * classes + index] ?? 0;
    }
    return {
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + predicted),
      support,
      predicted,
    };
  });
}

/** Mean recall over the classes that have rows. */
export function balancedAccuracy(cells: Confusion): number {
  return mean(
    classQualities(cells)
      .filter(({ support }) => support > 0)
      .map(({ recall }) => recall),
  );
}

/** Mean of one quality over the classes that have rows or were predicted. */
export function macroAverage(cells: Confusion, quality: 'precision' | 'recall' | 'f1'): number {
  const seen = classQualities(cells).filter(({ support, predicted }) => support + predicted > 0);
  return mean(seen.map((one) => one[quality]));
}

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
