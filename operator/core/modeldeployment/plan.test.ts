// What holds for every plan of a ModelDeployment, and what must never be taken away.
import { describe, expect, test } from '@jest/globals';
import { type ModelDeploymentStatus, modelDeploymentStatusSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import fc from 'fast-check';
import type { Child } from '../plan.ts';
import type { ModelDeploymentObserved } from './observed.ts';
import { planModelDeployment } from './plan.ts';
import {
  at,
  gatewayPod,
  known,
  modelDeployment,
  observe,
  pinned,
  reading,
  record,
  revision,
  settings,
  share,
  start,
  tableOf,
  version,
  workload,
} from './testing/samples.ts';

const name = (number: number) => `digits-${revision(number).revision}`;
const listed = (children: readonly Child[], kind: string) =>
  children
    .filter(({ manifest }) => manifest.kind === kind)
    .map(({ manifest, lifetime }) => `${manifest.metadata.name} ${lifetime}`);

const serving = (number: number, changes: Partial<ModelDeploymentStatus> = {}): ModelDeploymentStatus => ({
  observedGeneration: 1,
  stable: record(number),
  traffic: [known(number, 100)],
  gateway: { port: 10_000 },
  ...changes,
});

/** A deployment at rest: one version serves, every gateway has it. */
const atRest = (number: number, changes: Partial<ModelDeploymentObserved> = {}) =>
  observe({
    modelDeployment: modelDeployment({}, serving(number)),
    versions: [version(number)],
    revisions: [pinned(number)],
    workloads: [workload(number)],
    table: tableOf([known(number, 100)]),
    gatewayReadings: [reading(1, [number])],
    ...changes,
  });
const plan = (observed: ModelDeploymentObserved, seconds = 0) =>
  planModelDeployment(observed, start + seconds * 1000, settings);

describe('what serves', () => {
  test('comes to rest: nothing to wake for, and no events', () => {
    const first = plan(atRest(1));
    const again = plan(atRest(1, { modelDeployment: modelDeployment({}, first.status) }), 60);
    expect(again).toMatchObject({ status: first.status, events: [] });
    expect(again.wakeAfterSeconds).toBeUndefined();
  });

  test('keeps its Service while the routing table is lost: its address must not change', () => {
    expect(listed(plan(atRest(1, { table: undefined })).desired, 'Service')).toContain('digits Managed');
  });

  test('has a Service and a URL for TLS while the gateway was told to speak it', () => {
    const tls = { secretName: 'digits-tls', clientCertificates: 'Off' } as const;
    const secure = plan(atRest(1, { table: { ...tableOf([known(1, 100)]), rules: { tls } } }));
    const ports = (desired: typeof secure.desired) =>
      desired.find(({ manifest }) => manifest.kind === 'Service' && manifest.metadata.name === 'digits')?.manifest[
        'spec'
      ];
    expect(ports(secure.desired)).toMatchObject({ ports: [{ name: 'https', port: 443, appProtocol: 'https' }] });
    expect(secure.status.endpoints).toMatchObject([{ url: expect.stringMatching(/^https:/) }]);
    expect(ports(plan(atRest(1)).desired)).toMatchObject({ ports: [{ name: 'http', port: 80 }] });
  });

  test('keeps its pods when its pin was removed and its version, too', () => {
    const { desired } = plan(atRest(1, { revisions: [], versions: [] }));
    expect(listed(desired, 'Deployment')).toEqual([`${name(1)} Retained`]);
  });

  test('is pinned again when its version is there', () => {
    const { desired } = plan(atRest(1, { revisions: [] }));
    expect(listed(desired, 'ControllerRevision')).toEqual([`${name(1)} CreateOnce`]);
    expect(listed(desired, 'Deployment')).toEqual([`${name(1)} Managed`]);
  });

  test('stays when its version is deleted and only older ones are left', () => {
    const { status, desired } = plan(atRest(2, { versions: [version(1)], revisions: [pinned(1), pinned(2)] }));
    expect(status).toMatchObject({ stable: { version: 'digits-2' } });
    expect(status.candidate).toBeUndefined();
    expect(listed(desired, 'Deployment')).toEqual([`${name(2)} Managed`]);
  });

  test('can still be given other settings when its version is deleted', () => {
    const deployment = modelDeployment({ server: { workers: 2 } }, serving(2));
    const { status } = plan(atRest(2, { modelDeployment: deployment, versions: [] }));
    expect(status.candidate).toMatchObject({ version: 'digits-2' });
  });

  test('is scaled without a new revision', () => {
    const { desired, status } = plan(
      atRest(1, { modelDeployment: modelDeployment({ server: { replicas: 5 } }, serving(1)) }),
    );
    expect(desired.find(({ manifest }) => manifest.kind === 'Deployment')?.manifest['spec']).toMatchObject({
      replicas: 5,
    });
    expect(status.candidate).toBeUndefined();
    expect(status.conditions?.map(({ type, reason }) => `${type}/${reason}`)).toContain('Reconciling/Scaling');
  });
});

describe('a candidate', () => {
  const status = serving(1, { candidate: record(2), traffic: [known(1, 100)] });
  const warming = (replicas: number, ready: number, wanted: number) =>
    atRest(1, {
      modelDeployment: modelDeployment({ server: { replicas } }, status),
      versions: [version(1), version(2)],
      revisions: [pinned(1), pinned(2)],
      workloads: [workload(1), workload(2, ready, wanted)],
    });

  test('whose number of replicas changes while it warms waits for the new number, and then goes on', () => {
    expect(plan(warming(3, 2, 2)).status.traffic).toHaveLength(1);
    expect(plan(warming(3, 3, 3)).status.traffic).toHaveLength(2);
    expect(plan(warming(1, 1, 1)).status.traffic).toHaveLength(2);
  });
});

describe('what drains', () => {
  const after = serving(2, { traffic: [known(1, 0), known(2, 100)] });
  const draining = (requestTimeoutSeconds: number) => {
    const pin = pinned(1);
    const settled = { ...pin.data.settings, requestTimeoutSeconds };
    return atRest(2, {
      modelDeployment: modelDeployment({}, after),
      revisions: [{ ...pin, data: { ...pin.data, settings: settled } }, pinned(2)],
      workloads: [workload(1), workload(2)],
      table: tableOf([known(1, 0), known(2, 100)]),
    });
  };

  test('has the time of its longest request, and is looked at when that is over', () => {
    expect(plan(draining(10)).wakeAfterSeconds).toBe(15);
    expect(plan(draining(30)).wakeAfterSeconds).toBe(35);
    expect(plan(draining(30), 34).status.traffic).toHaveLength(2);
    expect(plan(draining(30), 35).status.traffic).toHaveLength(1);
  });

  test('keeps its pods until every gateway is known to have forgotten it', () => {
    const forgotten = modelDeployment({}, serving(2));
    const observed = { ...draining(10), modelDeployment: forgotten, table: tableOf([known(2, 100)], 2) };
    expect(listed(plan(observed).desired, 'Deployment')).toContain(`${name(1)} Managed`);
    const settled = { ...observed, gatewayReadings: [reading(2, [2])] };
    expect(listed(plan(settled).desired, 'Deployment')).toEqual([`${name(2)} Managed`]);
  });
});

test('a status counts the pods of who has a share or shall have one, however many others still run', () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
  const workloads = numbers.map((number) => workload(number, 100, 100));
  const { status } = plan(atRest(1, { workloads }));
  expect(status.replicas).toBe(100);
  expect(modelDeploymentStatusSchema.safeParse(status).error?.issues).toBeUndefined();
});

describe('pins', () => {
  test('of revisions that no longer serve are kept, the five newest', () => {
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
    const { desired } = plan(atRest(8, { revisions: numbers.map((number) => pinned(number)) }));
    const kept = desired.filter(({ manifest }) => manifest.kind === 'ControllerRevision');
    expect(kept.map(({ manifest }) => manifest['revision'])).toEqual([8, 7, 6, 5, 4, 3]);
  });
});

describe('any plan', () => {
  const numbers = [1, 2, 3];
  const percents = fc.constantFrom(0, 100);
  const traffic = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...numbers), percents, fc.boolean()), { selector: ([number]) => number })
    .filter((shares) => shares.reduce((sum, [, percent]) => sum + percent, 0) <= 100)
    .map((shares) =>
      shares.map(([number, percent, isKnown]) => (isKnown ? known(number, percent) : share(number, percent))),
    );
  const option = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
  const observations = fc
    .record({
      stable: option(fc.constantFrom(...numbers)),
      candidate: option(fc.constantFrom(...numbers)),
      traffic,
      routed: option(traffic),
      versions: fc.subarray(numbers),
      pins: fc.subarray(numbers),
      running: fc.subarray(numbers),
      ready: fc.nat({ max: 2 }),
      gateways: fc.nat({ max: 2 }),
      taken: fc.nat({ max: 2 }),
      found: fc.subarray(numbers),
      pinTo: option(fc.constantFrom('digits-1', 'digits-9')),
    })
    .map((drawn) =>
      observe({
        modelDeployment: modelDeployment(drawn.pinTo ? { model: { name: 'digits', version: drawn.pinTo } } : {}, {
          observedGeneration: 1,
          traffic: drawn.traffic,
          ...(drawn.stable === undefined ? {} : { stable: record(drawn.stable) }),
          ...(drawn.candidate === undefined ? {} : { candidate: record(drawn.candidate) }),
        }),
        versions: drawn.versions.map((number) => version(number)),
        revisions: drawn.pins.map((number) => pinned(number)),
        workloads: drawn.running.map((number) => workload(number, drawn.ready)),
        table: drawn.routed && tableOf(drawn.routed),
        gatewayPods: Array.from({ length: drawn.gateways }, (_, index) => gatewayPod(`gateway-${index}`)),
        gatewayReadings: Array.from({ length: drawn.gateways }, (_, index) =>
          reading(drawn.taken, drawn.found, { podUid: `gateway-${index}` }),
        ),
      }),
    );

  test('is the same for the same observation, and never fails', () => {
    fc.assert(fc.property(observations, (observed) => expect(plan(observed, 30)).toEqual(plan(observed, 30))));
  });

  test('has weights that sum to 100 or are all 0, and leaves every owner reference to the runtime', () => {
    fc.assert(
      fc.property(observations, (observed) => {
        const { status, desired } = plan(observed, 30);
        expect([0, 100]).toContain(status.traffic?.reduce((sum, { wantedPercent }) => sum + wantedPercent, 0));
        expect(desired.filter(({ manifest }) => manifest.metadata.ownerReferences !== undefined)).toEqual([]);
      }),
    );
  });

  test('keeps the pods of every revision that has, or may still have, requests', () => {
    fc.assert(
      fc.property(observations, (observed) => {
        const { status, desired } = plan(observed, 30);
        const kept = new Set(
          desired
            .filter(({ manifest }) => manifest.kind === 'Deployment')
            .map(({ manifest }) => manifest.metadata.name),
        );
        const routed = observed.table?.routes.flatMap(({ backends }) => backends) ?? [];
        for (const { revision: each } of [...(status.traffic ?? []), ...routed])
          expect(kept).toContain(`digits-${each}`);
      }),
    );
  });

  test('moves one step at a time: a candidate gets weight only after it was known without', () => {
    fc.assert(
      fc.property(observations, (observed) => {
        const before = observed.modelDeployment.status?.traffic ?? [];
        for (const { revision: each, wantedPercent, changedAt } of plan(observed, 30).status.traffic ?? []) {
          const was = before.find((other) => other.revision === each);
          if (wantedPercent === 0 || was?.wantedPercent === wantedPercent) continue;
          expect({ was: was?.wantedPercent, changedAt }).toEqual({ was: 0, changedAt: at(30) });
        }
      }),
    );
  });
});
