// Columns of a length that is known only at the end.
import type { DuckDBValue } from '@duckdb/node-api';
import type { Column } from '@sluice/model/columns.ts';

/** Takes values one by one and gives the column. */
export type Growable = { append(value: DuckDBValue): void; finish(): Column };

const firstCapacity = 4096;

/** Numbers; what is missing becomes NaN. Doubles its capacity, so appending costs constant time on average. */
export function growableNumbers(): Growable {
  let values = new Float64Array(firstCapacity);
  let length = 0;
  return {
    append(value) {
      if (length === values.length) {
        const larger = new Float64Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values[length++] = value === null ? Number.NaN : Number(value);
    },
    finish: () => values.slice(0, length),
  };
}

/** Texts; what is missing stays null. */
export function growableTexts(): Growable {
  const values: (string | null)[] = [];
  return {
    append(value) {
      values.push(value === null ? null : String(value));
    },
    finish: () => values,
  };
}
