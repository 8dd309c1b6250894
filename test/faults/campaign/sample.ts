// Chooses which faults of a campaign are tried.

/** All of them. */
export const everyOne = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** So many, evenly spread, always the same ones; alternately before and after a write where faults come in such pairs. */
export const spread =
  (size: number) =>
  (count: number): number[] => {
    const step = count / Math.min(size, count);
    const chosen = Array.from({ length: Math.min(size, count) }, (_, index) => Math.floor((index + 0.5) * step));
    return chosen.map((index, place) => (size < count && index % 2 !== place % 2 ? (index + 1) % count : index));
  };
