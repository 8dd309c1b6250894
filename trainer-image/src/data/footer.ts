// Decides whether the last row of a file is no row of data: a total that a spreadsheet or a report adds below.
import type { Cell } from './parsing/record.ts';
import type { Survey } from './survey.ts';
import type { ValueReader } from './values.ts';

const totalWord =
  /^(?:(?:grand|sub|column)?[ -]?totals?|sum|summe|gesamt(?:summe)?|insgesamt|somme|totale|suma|averages?|mean|mittelwert|durchschnitt)\b/i;

/** How far a sum may be off by rounding. */
const tolerance = 1e-6;

/** The word of the last row that says so, when a number of the row is the sum or the mean of its column, or half of it is empty. */
export function footerWord({ last, rows, columns }: Survey, values: ValueReader): string | undefined {
  if (last === undefined || rows < 3) return undefined;
  const { cells } = last;
  const word = cells.find((cell) => cell !== null && totalWord.test(cell.trim()));
  if (word === undefined || word === null) return undefined;
  const isSummary = (cell: Cell, place: number) => {
    const value = values.numberOf(cell);
    if (value === undefined || value === 0) return false;
    const sumOfOthers = (columns[place]?.sum ?? 0) - value;
    return [sumOfOthers, sumOfOthers / (rows - 1)].some(
      (wanted) => Math.abs(value - wanted) <= Math.abs(wanted) * tolerance,
    );
  };
  const empty = cells.filter((cell) => values.isMissing(cell)).length;
  return cells.some(isSummary) || empty * 2 >= cells.length ? word : undefined;
}
