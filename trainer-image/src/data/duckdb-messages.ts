// Turns DuckDB's errors about a file into the message a person can act on: which row, what is wrong with it.
import { headOf } from '@sluice/crds/text.ts';
import { DataError } from '@sluice/model/data-error.ts';

/** What DuckDB found wrong, by its words; the first that matches is reported. */
const faults: ReadonlyArray<readonly [RegExp, string]> = [
  [/Expected Number of Columns: (\d+) Found: (\d+)/i, 'it has $2 columns, the header has $1'],
  [/unterminated quote/i, 'a quoted value does not end'],
  [/automatically detect the CSV parsing dialect/i, 'it is not CSV with commas; look for a quote that does not end'],
  [/not utf-?8|invalid unicode/i, 'it is not UTF-8'],
  [/malformed json/i, 'it is not valid JSON'],
  [/maximum_object_size|maximum line size/i, 'it is too long'],
];

/** Whether this is DuckDB complaining about the data, and not about memory or the disk, and not another error. */
export function isReadError(message: string): boolean {
  return /^[A-Z][A-Za-z ]* Error: /.test(message) && !/^(Out of Memory|IO|INTERNAL|FATAL) Error/.test(message);
}

/** A `DataError` for DuckDB's complaint about the file that `field` names. */
export function explainReadError(field: string, cause: Error): DataError {
  const line = findLine(cause.message);
  const where = line === undefined ? '' : ` line ${line}:`;
  const fault = describeFault(cause.message);
  return new DataError(`${field}:${where} ${fault}; correct the file and set a new retryToken.`, { cause });
}

/** The line that DuckDB names, from 1. Its JSON reader (1.5) counts one too many. */
function findLine(message: string): number | undefined {
  const csv = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  if (csv !== undefined) return Number(csv);
  const json = /at byte \d+ in line (\d+)/.exec(message)?.[1];
  return json === undefined ? undefined : Number(json) - 1;
}

function describeFault(message: string): string {
  // What follows is advice about DuckDB's options, full of words that are not the fault.
  const [fault = ''] = message.split('Possible ');
  for (const [pattern, words] of faults) {
    const match = pattern.exec(fault);
    if (match !== null) return words.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? '?');
  }
  return headOf(fault.split('\n')[0] ?? '', 80);
}
