// Quantities as Kubernetes reads them: 0.5, 500m, 1Gi, 1e3. One value has many spellings: what is compared or hashed is the
// value, which an apiserver stores in thousandths, rounded up.

const decimal: Readonly<Record<string, bigint>> = { '': 0n, k: 3n, M: 6n, G: 9n, T: 12n, P: 15n, E: 18n };
const fractions: Readonly<Record<string, bigint>> = { m: 3n, u: 6n, n: 9n };
const binary: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

const pattern = /^([0-9]{1,64})?(?:\.([0-9]{0,64}))?(?:[eE]([+-]?[0-9]{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;

/** What the digits are multiplied with and divided by; undefined for a suffix that there is not. */
function scaleOf(suffix: string, exponent: string | undefined): readonly [bigint, bigint] | undefined {
  if (exponent !== undefined) {
    const tens = 10n ** BigInt(Math.abs(Number(exponent)));
    return exponent.startsWith('-') ? [1n, tens] : [tens, 1n];
  }
  const [up, down, twos] = [decimal[suffix], fractions[suffix], binary[suffix]];
  if (up !== undefined) return [10n ** up, 1n];
  if (down !== undefined) return [1n, 10n ** down];
  return twos === undefined ? undefined : [2n ** twos, 1n];
}

/** Thousandths of a quantity that is not negative, rounded up as an apiserver does; undefined for what is none. */
export function thousandthsOf(text: string): bigint | undefined {
  const [, whole = '', part = '', exponent, suffix = ''] = pattern.exec(text) ?? [];
  if (whole === '' && part === '') return undefined;
  const scale = scaleOf(suffix, exponent);
  if (!scale) return undefined;
  const [times, divisor] = [scale[0] * 1000n, scale[1] * 10n ** BigInt(part.length)];
  return (BigInt(`${whole}${part}`) * times + divisor - 1n) / divisor;
}

/** Whether both are quantities of one value. */
export function isSameQuantity(one: string, other: string): boolean {
  const value = thousandthsOf(one);
  return value !== undefined && value === thousandthsOf(other);
}

/** Powers of two first, because memory is given in them. */
const units = [
  ...Object.entries(binary).map(([suffix, power]) => ({ suffix, factor: 2n ** power })),
  ...Object.entries(decimal).map(([suffix, power]) => ({ suffix, factor: 10n ** power })),
];

/** The one spelling of a value, the shortest: 1Gi for 1024Mi, 334m for 0.3333. What is no quantity stays as it is. */
export function canonicalQuantity(text: string): string {
  const thousandths = thousandthsOf(text);
  if (thousandths === undefined) return text;
  if (thousandths % 1000n !== 0n) return `${thousandths}m`;
  const value = thousandths / 1000n;
  const spellings = units
    .filter(({ suffix, factor }) => value % factor === 0n && (value > 0n || suffix === ''))
    .map(({ suffix, factor }) => `${value / factor}${suffix}`);
  return spellings.reduce((shortest, each) => (each.length < shortest.length ? each : shortest));
}
