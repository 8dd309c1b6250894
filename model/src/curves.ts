// ROC and precision-recall curves of one class against the rest, thinned to what a chart can show.

/** Most points of a curve. */
export const maxCurvePoints = 100;

/** `[false positive rate, true positive rate]` from [0, 0] to [1, 1], and `[recall, precision]` by rising recall. */
export type Curves = { readonly roc: [number, number][]; readonly precisionRecall: [number, number][] };

/** One step of a falling threshold: how many positive and negative rows score at least as high. */
type Step = { readonly positives: number; readonly negatives: number };

/** Curves of `scores` for rows that are positive or not. Undefined when one of the two has no row. */
export function curvesOf(scores: Float64Array, positive: readonly boolean[]): Curves | undefined {
  const steps = stepsOf(scores, positive);
  const { positives, negatives } = steps.at(-1) ?? { positives: 0, negatives: 0 };
  if (positives === 0 || negatives === 0) return undefined;
  const thinned = thin(steps, maxCurvePoints - 1);
  return {
    roc: [[0, 0], ...thinned.map((step): [number, number] => [step.negatives / negatives, step.positives / positives])],
    precisionRecall: thinned.map((step) => [
      step.positives / positives,
      step.positives / (step.positives + step.negatives),
    ]),
  };
}

/** Equal scores make one step: no threshold separates them. */
function stepsOf(scores: Float64Array, positive: readonly boolean[]): Step[] {
  const order = Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const steps: Step[] = [];
  let [positives, negatives] = [0, 0];
  for (const [place, row] of order.entries()) {
    if (positive[row]) positives++;
    else negatives++;
    const next = order[place + 1];
    if (next === undefined || scores[next] !== scores[row]) steps.push({ positives, negatives });
  }
  return steps;
}

/** At most `most` items at equal distances, the first and the last among them. */
export function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const distance = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => Math.round(index * distance)).flatMap((place) =>
    items.slice(place, place + 1),
  );
}
