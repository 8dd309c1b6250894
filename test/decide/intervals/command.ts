// npm run decide -- intervals: measures all kinds and sizes, and says how far it is.
import { machine } from '../../machine.ts';
import { type Coverage, lawOf, measureCoverage } from './measure.ts';
import type { IntervalReport } from './report.ts';
import { shapes } from './shapes.ts';

const sizes = [50, 100, 500, 5000];
const truthRows = 300_000;

/** Half as many of the large ones, which take most of the time. */
const runsFor = (rows: number, runs: number) => Math.ceil(rows > 1000 ? runs / 2 : runs);

export function measureIntervals(runs: number, seed: number): IntervalReport {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const coverages = shapes.flatMap((shape): Coverage[] => {
    const law = lawOf(shape, truthRows);
    const measured = sizes.flatMap((rows) => measureCoverage(law, { rows, runs: runsFor(rows, runs), seed }));
    console.error(`${shape.name}: ${seconds()} s`);
    return measured;
  });
  return { machine: machine(), seed, runs, seconds: seconds(), coverages };
}
