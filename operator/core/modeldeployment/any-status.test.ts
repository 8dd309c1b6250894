// Whatever a ModelDeployment holds that its schema allows: it is planned, in time, with a status that can be written.
import { expect, test } from '@jest/globals';
import {
  type ModelDeploymentSpec,
  type ModelDeploymentStatus,
  modelDeploymentSpecSchema,
  modelDeploymentStatusSchema,
} from '@sluice/crds/v1alpha1/model-deployment.ts';
import {
  evidenceSchema,
  type KeptEvidence,
  type RolloutStatus,
  rolloutStatusSchema,
} from '@sluice/crds/v1alpha1/rollout-status.ts';
import fc from 'fast-check';
import { byName } from '../names.ts';
import { anyValueOf } from '../testing/any-value.ts';
import { expectBounded, processorMs } from '../testing/bounded-plan.ts';
import { planModelDeployment } from './plan.ts';
import {
  gatewayPod,
  modelDeployment,
  observe,
  pinned,
  reading,
  record,
  serverPod,
  settings,
  start,
  tableOf,
  version,
  workload,
} from './testing/samples.ts';

const revisions = [1, 2].map((number) => record(number).revision);
/** A rollout of digits-2 beside digits-1, as far as fields agree by chance. */
const pools = {
  revision: [...revisions, 'gateway'],
  baseline: revisions,
  candidate: [...revisions, 'gateway'],
  stable: [...revisions, 'nobody'],
  version: ['digits-1', 'digits-2'],
  digest: [record(1).digest, record(2).digest],
  name: ['probe', 'bake', 'guardrail', 'errors'],
  step: ['probe', 'bake'],
  gate: ['errors', 'guardrail'],
  podUid: ['gateway-1'],
  latency: ['', '0:1', '5:zz 0 1', '126:zzzzzzz', '999:zzzzzzz zzzzzzz', `0:${Array(127).fill('zzzzzzz').join(' ')}`],
  type: ['Ready', 'Available', 'Stalled', 'Progressing'],
};

const status = anyValueOf(modelDeploymentStatusSchema, pools) as fc.Arbitrary<ModelDeploymentStatus>;
/** Every kind of gate at the ends of its thresholds: rules across fields, which the generator does not know, hold of these. */
const shares = [0, 1e-12, 0.5, 1 - 1e-12];
const amounts = [0, 1e-12, 100, 1e9];
const source = { persistentVolumeClaim: { claimName: 'data', path: 'holdout.csv' } };
const evaluation = (metric: string) => ({ metric, dataset: { source, format: 'CSV', target: 'label' } });
const latency = (quantile: number) => ({ metric: 'latencyMs', quantile });
const everyGate = [
  ...shares.map((share) => ({ traffic: { metric: 'errorRate' }, max: share, maxRegression: share })),
  ...amounts.flatMap((amount) =>
    [1e-12, 0.5, 0.99, 1 - 1e-12].map((quantile) => ({
      traffic: latency(quantile),
      max: amount,
      maxRegressionPercent: amount,
      maxRegressionAbsolute: amount,
    })),
  ),
  ...shares.map((share) => ({ evaluation: evaluation('accuracy'), min: share, maxRegression: share })),
  ...amounts.map((amount) => ({ evaluation: evaluation('mae'), max: amount, maxRegression: amount })),
].map((gate, index) => ({ name: `gate-${index}`, ...gate }));

const { server, rollout } = modelDeploymentSpecSchema.shape;
const anySpec = fc
  .record(
    {
      model: fc.constantFrom({ name: 'digits', track: 'Latest' }, { name: 'digits', version: 'digits-2' }),
      server: anyValueOf(server),
      rollout: anyValueOf(rollout, pools),
      gates: fc.subarray(everyGate, { maxLength: 16 }),
    },
    { requiredKeys: ['model'] },
  )
  .map((each): ModelDeploymentSpec => modelDeploymentSpecSchema.parse(each));

/** Gates of every kind in a rollout: what is kept of one is judged. */
const judged = modelDeploymentSpecSchema.parse({
  model: { name: 'digits', track: 'Latest' },
  rollout: {
    steps: [
      { name: 'probe', weightPercent: 10 },
      { name: 'half', weightPercent: 50 },
    ],
  },
  gates: [
    { name: 'errors', traffic: { metric: 'errorRate' }, max: 0.05, maxRegression: 0.01 },
    { name: 'latency', traffic: { metric: 'latencyMs', quantile: 0.99 }, max: 500, maxRegressionPercent: 10 },
  ],
});

const split = [
  {
    revision: revisions[0] ?? '',
    version: 'digits-1',
    wantedPercent: 90,
    verifiedPercent: 90,
    changedAt: '2026-01-05T09:00:00Z',
  },
  {
    revision: revisions[1] ?? '',
    version: 'digits-2',
    wantedPercent: 10,
    verifiedPercent: 10,
    changedAt: '2026-01-05T09:00:00Z',
  },
];

const table = tableOf(split);
const counted = { requests: 1000, errors: 5, overloaded: 0, nonFinite: 0, latency: [0, 500, 500] };
const backends = byName(revisions.map((revision) => [`digits-${revision}`, counted] as const));
const world = {
  versions: [version(1), version(2)],
  revisions: [pinned(1), pinned(2)],
  workloads: [workload(1), workload(2)],
  pods: [serverPod(1), serverPod(2)],
  gatewayPods: [gatewayPod()],
  gatewayReadings: [
    reading(1, [1, 2], { counters: { backends, gateway: byName([['digits', { requests: 2000, errors: 0 }]]) } }),
  ],
};

const planOf = (before: ModelDeploymentStatus | undefined, spec: ModelDeploymentSpec, isFull: boolean) => {
  const base = modelDeployment({}, before);
  const observed = observe({ ...(isFull ? { ...world, table } : {}), modelDeployment: { ...base, spec } });
  return planModelDeployment(observed, start, settings);
};

const anyEvidence = anyValueOf(evidenceSchema, pools) as fc.Arbitrary<KeptEvidence>;
const anyRollout = anyValueOf(rolloutStatusSchema, pools) as fc.Arbitrary<RolloutStatus>;

/** A trial in its step `probe`, with readings of the gateway pod that is there: only the figures are anything. */
const onTrial = fc
  .tuple(status, anyRollout, anyEvidence)
  .map(([each, began, { steps, readings, ...kept }]): ModelDeploymentStatus => {
    const [stable, candidate] = [record(1), record(2)];
    const named = { candidate: candidate.revision, stable: stable.revision };
    const revisionAt = (index: number) => (index === 0 ? stable.revision : candidate.revision);
    return {
      ...each,
      stable,
      candidate,
      traffic: split,
      rollout: { ...began, revision: candidate.revision, baseline: stable.revision },
      evidence: {
        ...kept,
        ...named,
        steps: steps.map((step, index) =>
          index === steps.length - 1 ? { ...step, name: 'probe', share: 0.1, guardrailOnly: false } : step,
        ),
        readings: readings
          .slice(0, 2)
          .map((last, index) => ({ ...last, podUid: 'gateway-1', revision: revisionAt(index) })),
      },
    };
  });

const aBit = planOf(undefined, judged, true);
const ordinaryMs = () =>
  Math.max(...Array.from({ length: 20 }, () => processorMs(() => planOf(undefined, judged, true))));

test.each([
  ['status', status, fc.constant(judged)],
  ['status of a trial', onTrial, fc.constant(judged)],
  ['status and spec', status, anySpec],
] as const)(
  'every %s that the schema allows has a plan that can be carried out, in time',
  (_, statuses, specs) => {
    const limitMs = 1000 + 50 * ordinaryMs();
    fc.assert(
      fc.property(statuses, specs, fc.boolean(), (before, spec, isFull) => {
        let plan = aBit;
        expect(
          processorMs(() => {
            plan = planOf(before, spec, isFull);
          }),
        ).toBeLessThan(limitMs);
        expectBounded(plan, modelDeploymentStatusSchema);
      }),
      { numRuns: 100 },
    );
  },
  120_000,
);
