// Reads the code of a system error.

/** `ENOENT` and the like; the empty string for what has no code. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
