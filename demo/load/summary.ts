// What a load run showed: counts, latencies and which version answered when. Pure.

/** One request: when it was due (milliseconds since 1970), how long it took from then, and how it ended. */
export type LoadAnswer = {
  readonly at: number;
  readonly milliseconds: number;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** `model_version` of the answer. */
  readonly version?: string;
  /** Why there was no answer. */
  readonly error?: string;
};

/** `sent` = `answered` + `refused` + `lost`. */
export type LoadSummary = {
  readonly sent: number;
  /** Answered with 2xx. */
  readonly answered: number;
  /** Answered with another status below 500, such as 429. */
  readonly refused: number;
  /** Answered with 5xx, or not at all. */
  readonly lost: number;
  /** Requests per second between the first and the last. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  /** By order of first answer. */
  readonly versions: readonly VersionAnswers[];
  /** The distinct faults of lost requests, with their number. */
  readonly faults: ReadonlyMap<string, number>;
};

/** What one version answered: latencies in milliseconds, times in milliseconds since 1970. */
export type VersionAnswers = {
  readonly version: string;
  readonly answers: number;
  readonly p50: number;
  readonly p99: number;
  readonly firstAt: number;
  readonly lastAt: number;
};

/** Counts and quantiles over all answers; latencies of what was answered with 2xx only, 0 when nothing was. */
export function summarizeLoad(answers: readonly LoadAnswer[]): LoadSummary {
  const good = answers.filter(({ status }) => status !== undefined && status >= 200 && status < 300);
  const lost = answers.filter(({ status }) => status === undefined || status >= 500);
  const latencies = latenciesOf(good);
  return {
    sent: answers.length,
    answered: good.length,
    refused: answers.length - good.length - lost.length,
    lost: lost.length,
    rate: rateOf(answers.map(({ at }) => at)),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    slowest: latencies.at(-1) ?? 0,
    versions: versionsOf(good),
    faults: countBy(lost, ({ status, error }) => (status === undefined ? (error ?? 'no answer') : `status ${status}`)),
  };
}

const latenciesOf = (answers: readonly LoadAnswer[]) =>
  answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);

/** The smallest value that at least `share` of the sorted values do not exceed (nearest rank). */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function rateOf(times: readonly number[]): number {
  if (times.length < 2) return 0;
  const [first, last] = times.reduce(
    ([low, high], time) => [Math.min(low, time), Math.max(high, time)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return ((times.length - 1) * 1000) / (last - first);
}

function versionsOf(good: readonly LoadAnswer[]): VersionAnswers[] {
  const byVersion = Map.groupBy(good, ({ version }) => version ?? 'unnamed');
  return [...byVersion]
    .map(([version, answers]) => {
      const times = answers.map(({ at, milliseconds }) => at + milliseconds).sort((a, b) => a - b);
      const latencies = latenciesOf(answers);
      const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
      return { version, answers: answers.length, p50, p99, firstAt: times[0] ?? 0, lastAt: times.at(-1) ?? 0 };
    })
    .sort((a, b) => a.firstAt - b.firstAt);
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  return new Map([...Map.groupBy(items, keyOf)].map(([key, group]) => [key, group.length]));
}
