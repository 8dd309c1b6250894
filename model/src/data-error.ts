// The one error for data that cannot be used: a trainer ends with failure class Data, a server answers 400.
import { cutEnd, printable } from '@sluice/crds/text.ts';

/** Longest message a status may carry. */
export const messageMaxLength = 200;

/** Bad data or a bad description of it. The message names the field or column and the remedy, in at most 200 characters. */
export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(message: string, options?: ErrorOptions) {
    super(cutEnd(printable(message), messageMaxLength), options);
  }
}

/** A name or value out of the data, quoted and cut so that the remedy after it still fits into the message. */
export function quoted(text: string): string {
  return `'${cutEnd(printable(text), 32)}'`;
}
