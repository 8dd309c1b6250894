// Turns DuckDB's errors about a file into the message a person can act on: which row, what is wrong with it.
import { DataError } from '@sluice/model/data-error.ts';

const lineNumber = /(?:CSV Error on Line: |in line |at line |Line: )(\d+)/i;

/** What DuckDB found wrong, by its words; the first that matches is reported. */
const faults: ReadonlyArray<readonly [RegExp, string]> = [
  [/Expected Number of Columns: (\d+) Found: (\d+)/i, 'it has $2 columns, the header has $1'],
  [/unterminated quote/i, 'a quoted value does not end'],
  [/not utf-?8|invalid unicode/i, 'it is not UTF-8'],
  [/malformed json/i, 'it is not valid JSON'],
  [/maximum_object_size|maximum line size/i, 'it is too long'],
];

/** DuckDB ran out of the memory that it was given. */
export function isOutOfMemory(message: string): boolean {
  return /^Out of Memory Error/i.test(message);
}

/** A `DataError` for DuckDB's complaint about the file that `field` names. */
export function explainReadError(field: string, cause: Error): DataError {
  const line = lineNumber.exec(cause.message)?.[1];
  const where = line === undefined ? '' : ` line ${line}:`;
  return new DataError(
    `${field}:${where} ${describeFault(cause.message)}; correct the file and set a new retryToken.`,
    {
      cause,
    },
  );
}

function describeFault(message: string): string {
  for (const [pattern, words] of faults) {
    const match = pattern.exec(message);
    if (match !== null) return words.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? '?');
  }
  const firstLine = message.split('\n')[0] ?? '';
  return firstLine.slice(0, 80);
}
