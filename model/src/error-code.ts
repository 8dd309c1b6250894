// Reads the code of a system error.

/** `ENOENT` and the like; the empty string for what has no code. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

export const hasCode = (error: unknown, ...codes: string[]): boolean => codes.includes(codeOf(error));
