// Holds the builtin trainer's test metrics against scikit-learn's on the same rows, and its intervals against the 10-fold figure.
import type { BundleMetric } from '@sluice/model/manifest.ts';
import type { TableFigures } from './figures.ts';

/** One split: both sides were fitted on its training rows and measured on its test rows. */
export type Trial = {
  readonly own: readonly BundleMetric[];
  /** Of a TrainingJob that says nothing of how to fit. */
  readonly unsaid: readonly BundleMetric[];
  readonly other: Readonly<Record<string, number>>;
};

/** One metric of one table over all splits. */
export type Comparison = {
  readonly table: string;
  readonly metric: string;
  /** Means over the splits. */
  readonly own: number;
  readonly unsaid: number;
  readonly other: number;
  readonly tenFolds: number;
  /** How much worse Sluice is in the mean, in standard errors of scikit-learn's mean; negative where it is better. */
  readonly worseBy: number;
  readonly runs: number;
  /** Splits whose metric has an interval, and those of them whose interval holds the 10-fold figure. */
  readonly shown: number;
  readonly held: number;
};

const lowerIsBetter = new Set(['mae', 'rmse', 'log_loss']);

/** Every metric that scikit-learn has, too. */
export function compare({ table, tenFolds }: TableFigures, trials: readonly Trial[]): Comparison[] {
  return Object.entries(tenFolds).map(([metric, truth]) => {
    const pairs = trials.map(({ own, other }) => ({
      own: own.find(({ name }) => name === metric),
      other: other[metric] ?? Number.NaN,
    }));
    const ownValues = pairs.map(({ own }) => own?.value ?? Number.NaN);
    const unsaid = trials.map((trial) => trial.unsaid.find(({ name }) => name === metric)?.value ?? Number.NaN);
    const otherValues = pairs.map(({ other }) => other);
    const bounds = pairs.flatMap(({ own }) =>
      own?.lower === undefined || own.upper === undefined ? [] : [{ lower: own.lower, upper: own.upper }],
    );
    return {
      ...{ table, metric, own: mean(ownValues), unsaid: mean(unsaid), other: mean(otherValues), tenFolds: truth },
      worseBy: worseBy(metric, ownValues, otherValues),
      runs: trials.length,
      shown: bounds.length,
      held: bounds.filter(({ lower, upper }) => lower <= truth && truth <= upper).length,
    };
  });
}

function worseBy(metric: string, own: readonly number[], other: readonly number[]): number {
  const more = mean(own) - mean(other);
  return more === 0 ? 0 : ((lowerIsBetter.has(metric) ? 1 : -1) * more) / standardError(other);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
