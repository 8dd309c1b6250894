// The one error for data that cannot be used: a trainer ends with failure class Data, a server answers 400.

/** Longest message a status may carry. */
const messageMaxLength = 200;

/** Bad data or a bad description of it. The message names the field or column and the remedy, in at most 200 characters. */
export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.length <= messageMaxLength ? message : `${message.slice(0, messageMaxLength - 1)}…`, options);
  }
}

/** A name or value out of the data, quoted and cut so that the remedy after it still fits into the message. */
export function quoted(text: string): string {
  return `'${text.length <= 32 ? text : `${text.slice(0, 31)}…`}'`;
}
