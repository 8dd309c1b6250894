// Decides what a column is read as, and refuses one whose values do not fit: with their lines, and with what to do.
import { cutEnd, printable } from '@sluice/crds/text.ts';
import { DataError, messageMaxLength, quoted } from '@sluice/model/data-error.ts';
import type { Role } from './roles.ts';
import type { ColumnSurvey, Example } from './survey.ts';

export type ColumnKind = 'Number' | 'Text';

/** Up to this share of a column, values that are no numbers are mistakes among numbers. */
const mistakeShare = 0.05;
/** The same when there are so many times more different numbers than different other values. */
const mistakeFactor = 4;

/** Throws `DataError` when the values do not fit the role, or when it is open what they are. */
export function kindOf(name: string, column: ColumnSurvey, role: Role): ColumnKind {
  if ('isTarget' in role && column.missing !== undefined) throw missingTarget(name, column.missing);
  if (role.wants === 'Text') return 'Text';
  const others = column.present - column.numbers;
  if (role.wants === 'Number') {
    if (others === 0) return 'Number';
    const remedy = 'correct them, or add words for missing values to spec.data.missing';
    throw noNumbers(role.field, { name, column, remedy: column.notations > 0 ? plainly : remedy });
  }
  if (others === 0 && column.codes === 0) return 'Number';
  if (role.wants === 'Either') refuseDoubt(name, column);
  return 'Text';
}

const plainly = 'write plain numbers such as -1200.5';
const orCategory = 'or list it in data.features as Category';

function refuseDoubt(name: string, column: ColumnSurvey): void {
  const { notations, words, present } = column;
  if (notations > 0 && isFew(words, column)) {
    throw noNumbers('spec.data', { name, column, remedy: `${plainly}, ${orCategory}` });
  }
  if (words === 0 || words === present || !isFew(words, column)) return;
  throw noNumbers('spec.data', { name, column, remedy: `correct them, ${orCategory}` });
}

/** Whether the words of a column are mistakes among numbers rather than what the column is about. */
const isFew = (words: number, { present, distinctWords, distinctNumbers }: ColumnSurvey): boolean =>
  words <= present * mistakeShare || distinctWords * mistakeFactor <= distinctNumbers;

type Finding = { readonly name: string; readonly column: ColumnSurvey; readonly remedy: string };

/** With as many examples as the message has room for, at least one. */
function noNumbers(field: string, { name, column, remedy }: Finding): DataError {
  const which = field.endsWith(`[${name}]`) ? '' : ` column ${quoted(name)}:`;
  const withExamples = (count: number) => {
    const shown = column.examples.slice(0, count).map(({ line, text }) => `line ${line} has ${short(text)}`);
    const more = column.present - column.numbers - shown.length;
    return `${field}:${which} ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}, not a number; ${remedy}.`;
  };
  const whole = withExamples(column.examples.length);
  return new DataError(whole.length <= messageMaxLength ? whole : withExamples(1));
}

const short = (text: string) => `'${cutEnd(printable(text), 12)}'`;

function missingTarget(name: string, { line, text }: Example): DataError {
  const found = text.trim() === '' ? 'is empty' : `has ${short(text)}, which counts as missing,`;
  const remedy = text.trim() === '' ? '' : ', or set spec.data.missing';
  return new DataError(
    `spec.data.target: column ${quoted(name)} ${found} in line ${line}; remove rows without a target or fill them in${remedy}.`,
  );
}
