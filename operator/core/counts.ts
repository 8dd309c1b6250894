// Counts as a status holds them.

/** One that cannot be counted any further stays as it is: one more would be no number that a status holds. */
export const addCount = (count: number, more: number): number => Math.min(Number.MAX_SAFE_INTEGER, count + more);
