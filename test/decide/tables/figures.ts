// What scikit-learn measured on the public tables (oracle/figures.py), and that it was asked about the rows tested on here.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const metricValues = z.record(z.string(), z.number());

const figuresSchema = z.array(
  z.object({
    table: z.string(),
    /** Of all rows, each answered by a model that was fitted without its tenth of the table. */
    tenFolds: metricValues,
    seeds: z.array(z.object({ seed: z.number(), testRows: z.string(), metrics: metricValues })),
  }),
);

/** scikit-learn's side of one table. */
export type TableFigures = z.output<typeof figuresSchema>[number];

export function readFigures(): readonly TableFigures[] {
  return figuresSchema.parse(JSON.parse(readFileSync(new URL('oracle/figures.json', import.meta.url), 'utf8')));
}

/** scikit-learn's metrics on exactly these test rows. Throws when the split has changed since they were measured. */
export function metricsOn({ table, seeds }: TableFigures, part: { readonly seed: number; readonly digest: string }) {
  const found = seeds.find(({ seed, testRows }) => seed === part.seed && testRows === part.digest);
  if (found !== undefined) return found.metrics;
  throw new Error(
    `${table}, seed ${part.seed}: scikit-learn was not asked about these test rows; run test/decide/tables/oracle/figures.py again.`,
  );
}
