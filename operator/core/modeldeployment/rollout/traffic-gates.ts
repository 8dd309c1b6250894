// Lets the traffic gates of a spec judge what clients got from candidate and live revision.
import type { Gate } from '@sluice/crds/v1alpha1/gates.ts';
import { type ErrorRateGate, fewestErrorRateSamples, judgeErrorRate } from '../../gates/error-rate.ts';
import { fewestLatencySamples, judgeLatency, type LatencyGate } from '../../gates/latency.ts';
import { besideOverload, isLiveBusy, withoutBusySteps } from '../../gates/overload.ts';
import type { TrafficEvidence } from '../../gates/traffic.ts';
import type { GateVerdict } from '../../gates/verdict.ts';
import { latencyBuckets } from '../../traffic/latency-buckets.ts';

/**
 * Of every verdict. Of each gate by itself: all must pass, so more gates let no more through; dividing it among them would
 * only make each later to fail.
 */
export const confidence = 0.95;

/** Only its value thresholds, for when nothing healthy is there to compare with; undefined when it has none. */
export function withoutRegression(gate: Gate): Gate | undefined {
  const { maxRegression: _a, maxRegressionPercent: _b, maxRegressionAbsolute: _c, ...rest } = gate;
  return rest.min === undefined && rest.max === undefined ? undefined : rest;
}

const errorRateGate = ({ name, max, maxRegression }: Gate): ErrorRateGate => ({ name, confidence, max, maxRegression });

const latencyGate = ({ name, traffic, max, maxRegressionPercent, maxRegressionAbsolute }: Gate): LatencyGate => ({
  name,
  confidence,
  quantile: traffic?.quantile ?? 0.99,
  max,
  maxRegressionPercent,
  maxRegressionAbsolute,
  edges: latencyBuckets,
});

const isErrorRate = ({ traffic }: Gate) => traffic?.metric === 'errorRate';

/** The traffic gates among `gates`. */
export const trafficGates = (gates: readonly Gate[]): Gate[] => gates.filter(({ traffic }) => traffic !== undefined);

/** Beside a live revision that refuses quickly what it has no time for, only value thresholds can fail. */
function judgeLatencyGate(gate: Gate, evidence: TrafficEvidence): GateVerdict {
  const calm = withoutBusySteps(evidence);
  if (!isLiveBusy(evidence)) return judgeLatency(latencyGate(gate), calm);
  const byValue = withoutRegression(gate);
  if (byValue) return judgeLatency(latencyGate(byValue), calm);
  return { ...judgeLatency(latencyGate(gate), calm), verdict: 'Inconclusive' };
}

/** @param gates as `trafficGates` returned them. */
export const judgeTraffic = (gates: readonly Gate[], evidence: TrafficEvidence): GateVerdict[] =>
  gates.map((gate) => {
    const judged = isErrorRate(gate) ? judgeErrorRate(errorRateGate(gate), evidence) : judgeLatencyGate(gate, evidence);
    return besideOverload(judged, evidence);
  });

/** The fewest samples with which each traffic gate can pass. */
export const fewestSamples = (gates: readonly Gate[]) =>
  trafficGates(gates).map((gate) => ({
    gate: gate.name,
    samples: isErrorRate(gate) ? fewestErrorRateSamples(errorRateGate(gate)) : fewestLatencySamples(latencyGate(gate)),
  }));
