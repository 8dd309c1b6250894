// Reads a count from the command line.

/** The whole number that an option has. @throws RangeError that names the option. */
export function wholeOption(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number of at least 1`);
  return value;
}
