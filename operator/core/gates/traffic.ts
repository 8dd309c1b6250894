// What is known of the requests that two revisions answered side by side, step by step.
import type { Proportion } from '@sluice/statistics/interval.ts';
import { addCount } from '../counts.ts';
import { addHistogram } from './histogram.ts';

/** Running totals of one revision. An error is a 5xx, a broken connection or a timeout at the gateway. */
export type RequestTotals = {
  readonly requests: number;
  readonly errors: number;
  /** Requests that the server was too busy for (429): neither errors nor samples. */
  readonly overloaded: number;
  /** Errors because the model gave NaN or infinity. */
  readonly nonFinite: number;
  /** Requests per latency bucket, not cumulative: one more than there are edges, trailing zeros left out. */
  readonly latency: readonly number[];
};

export const noRequests: RequestTotals = { requests: 0, errors: 0, overloaded: 0, nonFinite: 0, latency: [] };

/** Totals without the latency; as they are kept, a rare count is absent while it is 0. */
export type Counts = {
  readonly requests: number;
  readonly errors: number;
  readonly overloaded?: number | undefined;
  readonly nonFinite?: number | undefined;
};

/**
 * Requests that say something of the model: the samples. A gateway's counters are read one after the other, so that the
 * newest answers may be in some of them only.
 */
export const answeredOf = ({ requests, overloaded = 0 }: Counts): number => Math.max(0, requests - overloaded);

export const addTotals = (first: RequestTotals, second: RequestTotals): RequestTotals => ({
  requests: addCount(first.requests, second.requests),
  errors: addCount(first.errors, second.errors),
  overloaded: addCount(first.overloaded, second.overloaded),
  nonFinite: addCount(first.nonFinite, second.nonFinite),
  latency: addHistogram(first.latency, second.latency),
});

/** One step of a rollout: both revisions over the same time at the same share. */
export type TrafficStep = {
  /** The candidate's share of the requests in (0, 1]; 1 where the live revision answers none: in the bake, or without pods. */
  readonly share: number;
  readonly candidate: RequestTotals;
  readonly stable: RequestTotals;
};

/** What a traffic gate judges. */
export type TrafficEvidence = {
  /** Steps so far, in order; the last one goes on. */
  readonly steps: readonly TrafficStep[];
  /** Steps that the rollout has in all, the bake counted as one. */
  readonly plannedSteps: number;
};

/** The step that goes on. */
export const currentStep = ({ steps }: TrafficEvidence): TrafficStep =>
  steps.at(-1) ?? { share: 1, candidate: noRequests, stable: noRequests };

/** Errors among the samples. */
export const errorsOf = (counts: Counts): Proportion => ({
  successes: Math.min(counts.errors, answeredOf(counts)),
  trials: answeredOf(counts),
});

/** Whether totals show anything of what is asked of them. */
export type Shows = (totals: RequestTotals) => boolean;

const hasAnswered: Shows = (totals) => answeredOf(totals) > 0;

/**
 * The live revision beside which a step is judged: that of the step itself, and where it shows nothing (in the bake it
 * gets no requests any more, and it may have lost its pods) that of the last step in which it did.
 */
export function baselineOf(steps: readonly TrafficStep[], index: number, shows = hasAnswered): RequestTotals {
  const beside = steps.slice(0, index + 1).findLast(({ share, stable }) => share < 1 && shows(stable));
  return beside?.stable ?? noRequests;
}
