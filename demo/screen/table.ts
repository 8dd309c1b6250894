// Lays out what was measured: rows of a name and a value, and numbers as a person reads them. Pure.
import type { Metric } from '@sluice/crds/fragments.ts';

/** Lines with the names in one column and the values in another. */
export function nameTable(rows: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

/** A fraction in percent with one digit: `97.2 %`. */
export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

/** A metric with its 95 % confidence interval and the rows behind it. */
export function interval({ value, lower, upper, noInterval, n }: Metric): string {
  if (lower === undefined || upper === undefined)
    return `${percent(value)}  (${n} digits it never saw; no interval: ${noInterval})`;
  return `${percent(value)}  (95 % interval ${percent(lower)} to ${percent(upper)}, ${n} digits it never saw)`;
}

/** Seconds as `7.3 s`, from two minutes on as `2 min 05 s`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
