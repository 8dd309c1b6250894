// Instruments that a test can read: how often each counter was counted, by its labels.
import type { Instruments } from '@sluice/operator/kube/instruments.ts';

/** Counts, and forgets everything that is no counter. */
export interface Counted {
  readonly instruments: Instruments;
  /** Sum of the counter over all samples that have these labels. */
  total(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** Instruments that start at zero. */
export function counted(): Counted {
  const samples: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly by: number }[] =
    [];
  const has = (given: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
    Object.entries(wanted).every(([label, value]) => given[label] === value);
  return {
    instruments: {
      count: (name, labels = {}, by = 1) => {
        samples.push({ name, labels, by });
      },
      gauge: () => {},
      observe: () => {},
    },
    total: (name, labels = {}) =>
      samples.filter((each) => each.name === name && has(each.labels, labels)).reduce((sum, { by }) => sum + by, 0),
  };
}
