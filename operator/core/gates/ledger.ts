// Keeps the evidence: folds what gateways have counted so far into totals per step. Counters may start again at any
// time, and so may we: the whole ledger is plain data that lives in a status. Whose clock says what is of no account here.
import { maxCountedGateways } from '@sluice/crds/v1alpha1/rollout-status.ts';
import type { Instant } from '../plan.ts';
import { addHistogram, packHistogram, unpackHistogram } from './histogram.ts';
import { firstMark, type Mark, nextMarks } from './recent.ts';
import { addTotals, type Counts, noRequests, type RequestTotals, type TrafficEvidence } from './traffic.ts';

/** What one gateway pod has counted for one revision since its process began. */
export type CounterReading = RequestTotals & {
  readonly podUid: string;
  readonly revision: string;
  /**
   * Which process of the pod: when it began, by its node's clock, compared with nothing but itself. Absent while the pod
   * does not say it: then it is the process that it was.
   */
  readonly since?: Instant | undefined;
  /** What was counted: numbers of one kind are not compared with those of another. */
  readonly counted?: 'Answers' | 'Predictions' | undefined;
};

/** Totals as they are kept. */
export type KeptTotals = Counts & { readonly latency: string };

/** The last reading of a pod's counters for a revision. */
export type KeptReading = KeptTotals & {
  readonly podUid: string;
  readonly revision: string;
  readonly since?: Instant | undefined;
  readonly counted?: CounterReading['counted'];
};

export type KeptStep = {
  readonly name: string;
  /** The candidate's share of the requests in (0, 1]; 1 where no live revision answers any. */
  readonly share: number;
  readonly startedAt: Instant;
  /** No step, but a time in which nothing can be compared: only the guardrail looks at what was counted. */
  readonly guardrailOnly?: boolean | undefined;
  readonly candidate: KeptTotals;
  readonly stable: KeptTotals;
};

/** Evidence on one candidate beside one stable revision; another stable revision begins another ledger. */
export type Ledger = {
  readonly candidate: string;
  readonly stable: string;
  readonly steps: readonly KeptStep[];
  readonly readings: readonly KeptReading[];
  /** Totals of the step that goes on as they stood some seconds ago. */
  readonly marks: readonly Mark[];
};

const nothing: KeptTotals = { requests: 0, errors: 0, latency: '' };

/** An empty ledger: no step has begun. */
export const openLedger = (candidate: string, stable: string): Ledger => ({
  candidate,
  stable,
  steps: [],
  readings: [],
  marks: [],
});

/**
 * Begins a step, once its weight is in force. What was counted up to the first reading of each pod after this belongs to
 * no step, because nobody knows at which share it was.
 */
export function beginStep(ledger: Ledger, step: Omit<KeptStep, 'candidate' | 'stable'>): Ledger {
  const steps = [...ledger.steps, { ...step, candidate: nothing, stable: nothing }];
  return { ...ledger, steps, readings: [], marks: [firstMark(step.startedAt)] };
}

/** Counting starts anew at the next reading of each pod, in the step that goes on. */
export const countAnew = (ledger: Ledger): Ledger => ({ ...ledger, readings: [], marks: [] });

/**
 * Adds what was counted since the last readings to the step that goes on. The same reading twice adds nothing.
 * @param pods uids of the gateway pods that can still count; readings of others are forgotten.
 */
export function foldReadings(
  ledger: Ledger,
  { readings, pods, now }: { readings: readonly CounterReading[]; pods: readonly string[]; now: Instant },
): Ledger {
  const step = ledger.steps.at(-1);
  if (step === undefined) return ledger;
  const counted = { candidate: noRequests, stable: noRequests };
  const counting = countedPods(ledger, readings, pods);
  const kept = new Map(ledger.readings.filter(({ podUid }) => counting.has(podUid)).map((last) => [keyOf(last), last]));
  for (const reading of readings) {
    const place = placeOf(ledger, reading.revision);
    if (place === undefined || !counting.has(reading.podUid)) continue;
    const last = kept.get(keyOf(reading));
    counted[place] = addTotals(counted[place], countedSince(last, reading));
    kept.set(keyOf(reading), keptReading(reading, last));
  }
  const grown = {
    ...step,
    candidate: grow(step.candidate, counted.candidate),
    stable: grow(step.stable, counted.stable),
  };
  return {
    ...ledger,
    steps: [...ledger.steps.slice(0, -1), grown],
    readings: [...kept.values()],
    marks: nextMarks(ledger.marks, { totals: grown, counted }, now),
  };
}

/** What traffic gates judge. @param plannedSteps steps of the rollout in all, the bake counted as one. */
export const evidenceOf = ({ steps }: Ledger, plannedSteps: number): TrafficEvidence => ({
  steps: steps.map(({ share, candidate, stable }) => ({
    share,
    candidate: unpackTotals(candidate),
    stable: unpackTotals(stable),
  })),
  plannedSteps: Math.max(plannedSteps, steps.length),
});

const keyOf = ({ podUid, revision }: { podUid: string; revision: string }) => `${podUid}/${revision}`;

/**
 * Who counts: those that did, as long as they can, and others that answer while there is room. A pod whose last reading
 * had to make room for another's would have to begin anew, so nobody who counts is ever put out.
 */
function countedPods({ readings: last }: Ledger, readings: readonly CounterReading[], pods: readonly string[]) {
  const known = last.map(({ podUid }) => podUid);
  const others = readings.map(({ podUid }) => podUid).toSorted();
  const able = new Set([...known, ...others].filter((podUid) => pods.includes(podUid)));
  return new Set([...able].slice(0, maxCountedGateways));
}

function placeOf(ledger: Ledger, revision: string): 'candidate' | 'stable' | undefined {
  if (revision === ledger.candidate) return 'candidate';
  return revision === ledger.stable ? 'stable' : undefined;
}

/**
 * What is certainly new: nothing is ever counted twice, and what nobody can tell from it is left out.
 *
 * - Counters fell: only another process counts less, and it began after the last reading. All of it is new.
 * - Something else was counted before, and some of it: where these numbers stood then is not known. Counting starts here.
 * - Another process, and nothing fell: the pod and its counters are seen at different times, so that the last reading may
 *   have been of this process already, or this one is of the process before. Counting starts here, as with a new pod.
 */
function countedSince(last: KeptReading | undefined, reading: CounterReading): RequestTotals {
  if (last === undefined) return noRequests;
  if (last.counted !== reading.counted && !hasNothing(last)) return noRequests;
  const grown = subtractTotals(reading, unpackTotals(last));
  const { latency, ...counts } = grown;
  if ([...Object.values(counts), ...latency].some((count) => count < 0)) return reading;
  const isOther = last.since !== undefined && reading.since !== undefined && last.since !== reading.since;
  return isOther ? noRequests : grown;
}

const hasNothing = ({ requests, errors, overloaded = 0, latency }: KeptTotals) =>
  requests === 0 && errors === 0 && overloaded === 0 && latency === '';

function keptReading(reading: CounterReading, last: KeptReading | undefined): KeptReading {
  const { podUid, revision, since = last?.since, counted } = reading;
  const how = { ...(since === undefined ? {} : { since }), ...(counted === undefined ? {} : { counted }) };
  return { podUid, revision, ...how, ...packTotals(reading) };
}

const subtractTotals = (totals: RequestTotals, before: RequestTotals): RequestTotals => ({
  requests: totals.requests - before.requests,
  errors: totals.errors - before.errors,
  overloaded: totals.overloaded - before.overloaded,
  nonFinite: totals.nonFinite - before.nonFinite,
  latency: addHistogram(totals.latency, before.latency, -1),
});

const packTotals = ({ requests, errors, overloaded, nonFinite, latency }: RequestTotals): KeptTotals => ({
  requests,
  errors,
  ...(overloaded > 0 ? { overloaded } : {}),
  ...(nonFinite > 0 ? { nonFinite } : {}),
  latency: packHistogram(latency),
});

const unpackTotals = ({ requests, errors, overloaded = 0, nonFinite = 0, latency }: KeptTotals): RequestTotals => ({
  ...{ requests, errors, overloaded, nonFinite },
  latency: unpackHistogram(latency),
});

function grow(kept: KeptTotals, counted: RequestTotals): KeptTotals {
  if (counted.requests === 0 && counted.errors === 0 && counted.latency.length === 0) return kept;
  return packTotals(addTotals(unpackTotals(kept), counted));
}
