// A CPU limit in proportion to a request.

/** Units that a CPU quantity may have. */
const thousandths = new Map([
  ['', 1000],
  ['m', 1],
  ['k', 1_000_000],
]);

/** `percent` of the CPU that a quantity says, in thousandths of a core; undefined when it is no CPU quantity. */
export function cpuLimit(request: string, percent: number): string | undefined {
  const [, digits, unit = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(request) ?? [];
  const factor = thousandths.get(unit);
  const cores = Number(digits);
  if (factor === undefined || !Number.isFinite(cores)) return undefined;
  return `${Math.max(1, Math.ceil(rounded((cores * factor * percent) / 100)))}m`;
}

/** Without what binary fractions add: 0.1 cores are 100 thousandths. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6;
