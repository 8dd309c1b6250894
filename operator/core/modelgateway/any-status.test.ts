// Whatever a ModelGateway holds that its schema allows, and however many pods pass for its own: it is planned with a status
// that can be written.
import { expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import {
  type ModelGatewaySpec,
  type ModelGatewayStatus,
  modelGatewaySpecSchema,
  modelGatewayStatusSchema,
} from '@sluice/crds/v1alpha1/model-gateway.ts';
import fc from 'fast-check';
import { anyValueOf } from '../testing/any-value.ts';
import { expectBounded } from '../testing/bounded-plan.ts';
import { planModelGateway } from './plan.ts';

const startTime = '2026-01-05T10:00:00Z';
const metadata = { name: 'default', namespace: 'ml', uid: 'mgw', generation: 3, creationTimestamp: startTime };
const pools = { type: ['Ready', 'Stalled'], reason: ['PodsReady', 'PodsNotStarting'] };

const spec = (anyValueOf(modelGatewaySpecSchema) as fc.Arbitrary<object>).map(
  (each): ModelGatewaySpec => modelGatewaySpecSchema.parse(each),
);
const status = anyValueOf(modelGatewayStatusSchema, pools) as fc.Arbitrary<ModelGatewayStatus>;
const podsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    metadata: { name: `gw-${index}`, uid: `gw-${index}`, creationTimestamp: startTime },
    status: { podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
  }));
const pods = fc.constantFrom(0, 2, 5000).map(podsOf);

test('every status and spec that the schema allows has a plan that can be carried out', () => {
  fc.assert(
    fc.property(spec, fc.option(status, { nil: undefined }), pods, fc.boolean(), (wanted, before, seen, isUsed) => {
      const modelGateway = { metadata, spec: wanted, status: before };
      const observed = { modelGateway, isUsed, deployment: undefined, pods: seen, places: [], refusals: [], wayIn: {} };
      const plan = planModelGateway(observed, Date.parse(startTime), { podDefaults: noPodDefaults, hash: () => 'ab' });
      expectBounded(plan, modelGatewayStatusSchema);
      const isAlone = ['ClusterIP', 'LoadBalancer'].includes(wanted.expose?.type ?? '');
      expect(plan.desired).toHaveLength(wanted.expose === undefined ? 0 : isAlone ? 1 : 2);
    }),
    { numRuns: 200 },
  );
});
