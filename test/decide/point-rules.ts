// The rules of today's tools on the same streams: each minute the candidate's figure is held against a fixed limit, and
// so many misses end the rollout. They are given the best limits: nobody has to guess what is normal.

import { addHistogram } from '@sluice/operator/core/gates/histogram.ts';
import { countAbove } from '@sluice/operator/core/gates/latency.ts';
import { latencyBuckets } from '@sluice/operator/core/traffic/latency-buckets.ts';
import { histogramQuantileInterval } from '@sluice/statistics/quantile.ts';
import { trueQuantile } from './latency-law.ts';
import type { Rule, RuleRun } from './rule.ts';
import type { Scenario } from './scenarios.ts';

const measurementSeconds = 60;

/** How many failed measurements end a rollout. */
export const pointRules: readonly Rule[] = [
  /** Fails when failures > failureLimit (Argo Rollouts, AnalysisTemplate, interval 1m). */
  pointRule('Argo failureLimit 0', 1),
  pointRule('Argo failureLimit 2', 3),
  /** Rolls back when failed checks >= threshold (Flagger, interval 1m, the documentation's threshold). */
  pointRule('Flagger threshold 5', 5),
];

function pointRule(name: string, missesToFail: number): Rule {
  return { name, begin: (scenario) => beginPointRule(scenario, missesToFail) };
}

type Window = { requests: number; errors: number; latency: readonly number[]; until: number };

function beginPointRule(scenario: Scenario, missesToFail: number): RuleRun {
  const isMissed = limitOf(scenario);
  let window: Window = { requests: 0, errors: 0, latency: [], until: measurementSeconds };
  let misses = 0;
  return ({ second, candidate }) => {
    window = {
      ...window,
      requests: window.requests + candidate.requests,
      errors: window.errors + candidate.errors,
      latency: addHistogram(window.latency, candidate.latency),
    };
    if (second < window.until) return 'Inconclusive';
    // A minute without requests is not measured: Prometheus has no value to give.
    if (window.requests > 0 && isMissed(window)) misses++;
    window = { requests: 0, errors: 0, latency: [], until: second + measurementSeconds };
    return misses >= missesToFail ? 'Fail' : 'Pass';
  };
}

/** Whether a minute is beyond the limit of any gate. */
function limitOf({ errors, latency, world }: Scenario): (window: Window) => boolean {
  const largest = errors?.max ?? 1;
  const live = latency ? trueQuantile(latency.quantile, world) : Infinity;
  const slowest = live * (1 + (latency?.maxRegressionPercent ?? 0) / 100);
  const isSlow = (window: Window) => latency !== undefined && windowQuantile(window, latency.quantile) > slowest;
  return (window) => window.errors / window.requests > largest || isSlow(window);
}

/** As Prometheus' histogram_quantile gives it: interpolated within the bucket. */
function windowQuantile({ latency }: Window, quantile: number): number {
  const total = countAbove(latency, -1);
  const cumulativeCounts = [...latencyBuckets, Infinity].map((_, bucket) => total - countAbove(latency, bucket));
  const histogram = { start: 0, upperBounds: [...latencyBuckets, Infinity], cumulativeCounts };
  return histogramQuantileInterval(histogram, quantile, 0.5).value;
}
