// The largest status that there can be fits into what an apiserver and a reader take: 64 KiB.
import { expect, test } from '@jest/globals';
import { reasons } from '@sluice/crds/reasons.ts';
import {
  type ModelDeploymentStatus,
  maxShares,
  modelDeploymentStatusSchema,
} from '@sluice/crds/v1alpha1/model-deployment.ts';
import { maxCountedGateways } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { packHistogram } from '../gates/histogram.ts';
import { beginStep, type Ledger, openLedger } from '../gates/ledger.ts';
import { latencyBuckets } from '../traffic/latency-buckets.ts';
import { keepEvidence } from './rollout/counters.ts';
import { known, record, start } from './testing/samples.ts';

const times = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, i) => make(i));
const text = 'x'.repeat(200);
const name = (index: number) => `${'n'.repeat(38)}${String.fromCharCode(97 + index)}`;
/** A version of the model with the longest name, and its 99,999th. */
const longest = { ...record(1), version: `${name(0)}n-99999` };
/** Every condition that a ModelDeployment can have. */
const conditionTypes = [
  ...new Set(Object.values(reasons.ModelDeployment).flatMap(({ on }): string[] => [...on])),
].filter((place) => place !== 'Event');
/** As many as a year of 30 requests a second. */
const many = 999_999_999;
/** More than there can be: as many in each bucket. */
const latency = packHistogram([...latencyBuckets, Number.POSITIVE_INFINITY].map(() => many));
const totals = { requests: many, errors: many, overloaded: many, nonFinite: many, latency };

function fullLedger(counted: typeof totals): Ledger {
  const opened = openLedger('abcdef0123', '0123abcdef');
  const steps = times(20, (index) => ({ name: name(index), share: 0.05, startedAt: start }));
  const ledger = steps.reduce(beginStep, opened);
  const proportion = { successes: many, trials: many };
  return {
    ...ledger,
    steps: ledger.steps.map((each) => ({ ...each, candidate: counted, stable: counted })),
    readings: times(2 * maxCountedGateways, (index) => ({
      podUid: `${'u'.repeat(34)}${index}`,
      revision: 'abcdef0123',
      since: start,
      ...counted,
    })),
    marks: times(2, () => ({ at: start, candidate: proportion, stable: proportion })),
  };
}

test('the largest status fits', () => {
  const at = '2026-01-05T10:00:00Z';
  const figures = {
    estimate: 0.1234,
    baseline: 0.1234,
    lower: 0.1234,
    upper: 0.1234,
    n: many,
    nNeeded: many,
    overloaded: many,
  };
  const status: ModelDeploymentStatus = {
    observedGeneration: 1_000_000,
    ...{ stable: longest, candidate: longest },
    traffic: times(maxShares, (index) => ({
      ...known(1, 10),
      version: longest.version,
      revision: `abcdef012${index}`,
    })),
    former: times(10, () => longest),
    rollout: {
      ...{ revision: 'abcdef0123', baseline: '0123abcdef', phase: 'Stepping', step: name(1), weightPercent: 50 },
      ...{ since: at, startedAt: at, candidateSamples: many, heldFor: text, warmReplicas: 100, notReadySince: at },
      evaluationAttempt: 5,
    },
    gates: times(17, (index) => ({
      name: name(index),
      verdict: 'Inconclusive',
      ...figures,
      method: text.slice(100),
      message: text,
    })),
    rejected: times(10, (index) => ({
      ...longest,
      ...{ revision: `abcdef012${index}`, gate: name(1), at, evidenceAt: at, withdrawnAt: at },
      ...{ retryToken: 't'.repeat(64), message: text },
    })),
    evidence: keepEvidence({ traffic: fullLedger(totals), unrouted: fullLedger({ ...totals, latency: '' }) }),
    ...{ replicas: 1_000_000, readyReplicas: 1000, provenReplicas: 100, gateway: { port: 10_000 } },
    endpoints: [{ protocol: 'REST', url: `http://${name(0)}.${'n'.repeat(63)}.svc/v2/models/${name(0)}` }],
    conditions: conditionTypes.map((type) => ({
      ...{ type, status: 'Unknown', observedGeneration: 1_000_000, lastTransitionTime: at },
      ...{ reason: 'R'.repeat(64), message: text },
    })),
  };
  expect(modelDeploymentStatusSchema.safeParse(status).error?.issues).toBeUndefined();
  expect(conditionTypes).toContain('Ready');
  expect(JSON.stringify(status).length).toBeLessThan(64 * 1024);
});
