// One text per JSON value, however it was put together. This room imports next to nothing of ours, and unlike canonical JSON
// this takes whatever `JSON.stringify` does.

/** JSON with sorted keys. */
export function sortedJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Whether both values have the same JSON. */
export const isSameJson = (one: unknown, other: unknown): boolean => sortedJson(one) === sortedJson(other);
