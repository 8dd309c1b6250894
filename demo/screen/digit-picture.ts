// Draws digits for a terminal, several side by side. Pure: text in, lines out.
import { type Digit, side } from '../digits/dataset.ts';

/** Grey value from which a pixel counts as ink. */
const inkFrom = 96;

/** MNIST centres a digit of 20 × 20 pixels in 28 × 28: this many rows and columns at each edge are paper. */
const margin = 4;

/** The digit in block characters: 20 characters wide, 10 lines high, two rows of pixels in each line. */
export function drawDigit({ pixels }: Digit): string[] {
  const shown = side - 2 * margin;
  const isInk = (row: number, column: number) => (pixels[(row + margin) * side + column + margin] ?? 0) > inkFrom;
  return Array.from({ length: shown / 2 }, (_, line) =>
    Array.from({ length: shown }, (_unused, column) =>
      block(isInk(2 * line, column), isInk(2 * line + 1, column)),
    ).join(''),
  );
}

function block(top: boolean, bottom: boolean): string {
  if (top) return bottom ? '█' : '▀';
  return bottom ? '▄' : ' ';
}

/** A picture's lines and what stands under them. */
export type Exhibit = { readonly picture: readonly string[]; readonly captions: readonly string[] };

const gap = 2;

/** How many digits fit side by side into `width` characters, at least one. */
export function exhibitsInRow(width: number): number {
  return perRowOf(width, side - 2 * margin);
}

const perRowOf = (width: number, widest: number) => Math.max(1, Math.floor((width + gap) / (widest + gap)));

/** Lines of text with as many exhibits beside each other as fit into `width` characters, at least one. */
export function hangExhibits(exhibits: readonly Exhibit[], width: number): string[] {
  const widest = Math.max(...exhibits.flatMap(({ picture, captions }) => [...picture, ...captions].map(lengthOf)));
  const perRow = perRowOf(width, widest);
  const lines: string[] = [];
  for (let first = 0; first < exhibits.length; first += perRow) {
    if (first > 0) lines.push('');
    lines.push(...hangRow(exhibits.slice(first, first + perRow), widest));
  }
  return lines;
}

function hangRow(row: readonly Exhibit[], width: number): string[] {
  const columns = row.map(({ picture, captions }) => [
    ...picture.map((line) => line.padEnd(width)),
    ...captions.map((line) => centre(line, width)),
  ]);
  const height = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column) => column[line] ?? ' '.repeat(width))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

const lengthOf = (text: string) => [...text].length;

function centre(text: string, width: number): string {
  const left = Math.floor((width - lengthOf(text)) / 2);
  return `${' '.repeat(left)}${text}`.padEnd(width);
}
