// The smallest whole number from which on something holds.

/** More samples than anybody waits for. */
const patience = 2 ** 40;

/**
 * The smallest whole n >= 1 with `holds(n)`, for a condition that stays true once it is; undefined when it does not
 * hold at `most` or before. Asks about 2 · log2(n) times.
 */
export function smallestWhole(holds: (n: number) => boolean, most = patience): number | undefined {
  let reached = 1;
  while (!holds(reached)) {
    if (reached >= most) return undefined;
    reached = Math.min(2 * reached, most);
  }
  let below = Math.floor(reached / 2);
  while (reached - below > 1) {
    const middle = Math.floor((below + reached) / 2);
    if (holds(middle)) reached = middle;
    else below = middle;
  }
  return reached;
}
