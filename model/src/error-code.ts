// Reads the code of a system error.

/** Errors of file systems that Node has no name for, by their number on Linux. */
const unnamed: Readonly<Record<number, string>> = { 116: 'ESTALE', 117: 'EUCLEAN', 122: 'EDQUOT' };

/** `ENOENT` and the like; the empty string for what has no code. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const name = 'errno' in error && typeof error.errno === 'number' ? unnamed[Math.abs(error.errno)] : undefined;
  return name ?? ('code' in error ? String(error.code) : '');
}

export const hasCode = (error: unknown, ...codes: string[]): boolean => codes.includes(codeOf(error));
