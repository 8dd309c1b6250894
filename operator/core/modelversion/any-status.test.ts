// Whatever a ModelVersion holds that its schema allows: it is planned, in time, with a status that can be written.
import { test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import {
  type ModelVersionSpec,
  type ModelVersionStatus,
  modelVersionSpecSchema,
  modelVersionStatusSchema,
} from '@sluice/crds/v1alpha1/model-version.ts';
import fc from 'fast-check';
import type { ObservedJob } from '../pods/observed.ts';
import { anyValueOf } from '../testing/any-value.ts';
import { expectBounded } from '../testing/bounded-plan.ts';
import { planModelVersion } from './plan.ts';

const startTime = '2026-01-05T10:00:00Z';
const settings = {
  serverImage: 'sluice/server:1',
  imagePullPolicy: 'Never',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
} as const;
const metadata = { name: 'digits-4', namespace: 'ml', uid: 'v4', generation: 1, creationTimestamp: startTime };
const pools = { type: ['Ready', 'Stalled'], reason: ['BundleMissing', 'BundleCorrupt'] };

const spec = (anyValueOf(modelVersionSpecSchema) as fc.Arbitrary<object>).map(
  (each): ModelVersionSpec => modelVersionSpecSchema.parse(each),
);
const status = anyValueOf(modelVersionStatusSchema, pools) as fc.Arbitrary<ModelVersionStatus>;
/** A verification that ended at some time, or did not. */
const jobs = fc
  .constantFrom('1970-01-01T00:00:00Z', startTime, '9999-12-31T23:59:59Z', undefined)
  .map((at): ObservedJob[] => {
    const owner = {
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'ModelVersion',
      name: 'digits-4',
      uid: 'v4',
      controller: true,
    };
    const job = {
      metadata: { name: 'digits-4-verify', uid: 'j', creationTimestamp: startTime, ownerReferences: [owner] },
    };
    return at === undefined
      ? []
      : [{ ...job, status: { conditions: [{ type: 'Failed', status: 'True', lastTransitionTime: at }] } }];
  });

test('every status and spec that the schema allows has a plan that can be carried out', () => {
  fc.assert(
    fc.property(spec, fc.option(status, { nil: undefined }), jobs, (wanted, before, seen) => {
      const modelVersion = { metadata, spec: wanted, status: before };
      const storage = { claim: { metadata: { name: 'models', uid: 'c', creationTimestamp: startTime } } };
      const observed = { modelVersion, jobs: seen, pods: [], storage, numbers: { highestNamed: 0 } };
      const plan = planModelVersion(observed, Date.parse(startTime), settings);
      expectBounded(plan, modelVersionStatusSchema);
    }),
    { numRuns: 300 },
  );
});
