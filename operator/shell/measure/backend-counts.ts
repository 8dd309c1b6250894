// What an Envoy has counted of one backend's answers, as evidence: of a client's faults nothing is left in it. Every number is
// a sum of counters that only grow, so that one read a moment before another never makes it fall.
import { nonFiniteStatus } from '@sluice/crds/contract.ts';
import type { BackendCounters } from '../../core/gateway/observed.ts';

const nonFinite = String(nonFiniteStatus);

/**
 * Envoy's `upstream_rq_…` of a cluster that are read. Each counts one answer for each request of a client, whatever retries
 * it took; what Envoy answers itself, because a pod broke off or was too slow, is among them.
 */
export const answerCounters = ['2xx', '3xx', '5xx', '429', nonFinite] as const;
type Answer = (typeof answerCounters)[number];

/** Under `canary.` are the answers for which the model was asked (`predictedHeader`). Absent of a server that says nothing of it. */
export const predictionCounters = ['2xx'] as const;

export const isAnswerCounter = (name: string): name is Answer => answerCounters.some((each) => each === name);

/** The lines of one cluster; what is absent is 0. */
export type BackendLines = {
  readonly answers: Map<Answer, number>;
  /** Undefined until an answer said that it is one. */
  predictions?: number;
  latency: readonly number[];
  predictionLatency?: readonly number[];
};

export const noLines = (): BackendLines => ({ answers: new Map(), latency: [] });

/**
 * Whatever a client did wrong (4xx) is no request, but 429: the server was too busy. Where predictions are told from other
 * answers, nothing else is a sample: metadata and health checks, or a 400, are fast whatever the model is.
 */
export function backendCounters({ answers, predictions, latency, predictionLatency }: BackendLines): BackendCounters {
  const of = (name: Answer) => answers.get(name) ?? 0;
  const failed = { errors: of('5xx'), overloaded: of('429'), nonFinite: of(nonFinite) };
  const beside = failed.errors + failed.overloaded;
  if (predictions === undefined && predictionLatency === undefined) {
    return { ...failed, requests: of('2xx') + of('3xx') + beside, latency, counted: 'Answers' };
  }
  return { ...failed, requests: (predictions ?? 0) + beside, latency: predictionLatency ?? [], counted: 'Predictions' };
}
