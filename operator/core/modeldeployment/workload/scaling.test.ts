// Nobody's number of pods is fought for: a rollout has as many as what it replaces, whoever scales that.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { ObservedWorkload } from '../observed.ts';
import { planModelDeployment } from '../plan.ts';
import {
  known,
  modelDeployment,
  observe,
  pinned,
  record,
  settings,
  start,
  version,
  workload,
} from '../testing/samples.ts';
import { scaledElsewhere, wantedReplicas } from './scaling.ts';

const autoscaler = { manager: 'kube-controller-manager', subresource: 'scale' };

const managed = (each: ObservedWorkload, ...managedFields: { manager: string; subresource?: string }[]) => ({
  ...each,
  metadata: { ...each.metadata, managedFields },
});

/** `digits-1` serves with so many pods, set by these; the spec asks for two, and did so before. */
function seen(
  managers: { manager: string; subresource?: string }[],
  { replicas = 2, before = 2, live = 8 }: { replicas?: number; before?: number; live?: number } = {},
) {
  const { revision } = record(1);
  const status: ModelDeploymentStatus = {
    ...{ observedGeneration: 1, stable: record(1), traffic: [known(1, 100)] },
    scale: { wantedReplicas: before, replicas: live, selector: `sluice.dev/revision=${revision}` },
  };
  return observe({
    modelDeployment: modelDeployment({ server: { replicas } }, status),
    versions: [version(1), version(2)],
    revisions: [pinned(1)],
    workloads: [managed(workload(1, live, live), ...managers)],
  });
}

const live = record(1).revision;
const candidate = record(2).revision;

describe('the pods of the live revision', () => {
  test.each<[string, Parameters<typeof seen>, string | undefined]>([
    ['are as the spec asks', [[]], undefined],
    ['are as an autoscaler of its Deployment wants', [[autoscaler]], 'kube-controller-manager'],
    ['are put right when a person scaled it', [[{ manager: 'kubectl', subresource: 'scale' }]], undefined],
    ['are put right when a person edited it', [[{ manager: 'kubectl-edit' }]], undefined],
    ['are ours while the autoscaler wants the same', [[{ manager: 'sluice' }, autoscaler]], undefined],
    ['are as the spec says anew', [[autoscaler], { replicas: 3 }], undefined],
  ])('%s', (_what, args, manager) => {
    expect(scaledElsewhere(seen(...args), live)?.manager).toBe(manager);
  });
});

const deploymentOf = (observed: ReturnType<typeof seen>, revision: string) =>
  planModelDeployment(observed, start, settings).desired.find(
    ({ manifest }) => manifest.kind === 'Deployment' && manifest.metadata.name.endsWith(revision),
  )?.manifest['spec'] as { replicas?: number };

describe('while an autoscaler scales the Deployment of the live revision', () => {
  test('its number is left out, and a candidate gets as many', () => {
    const observed = seen([autoscaler]);
    expect(deploymentOf(observed, live)).not.toHaveProperty('replicas');
    expect(deploymentOf(observed, candidate).replicas).toBe(8);
    expect(wantedReplicas(observed, candidate)).toBe(8);
  });

  test('a candidate gets at least what the spec asks for', () => {
    expect(wantedReplicas(seen([autoscaler], { live: 1 }), candidate)).toBe(2);
  });

  test('it is said on the object, with what to do', () => {
    const { conditions = [] } = planModelDeployment(seen([autoscaler]), start, settings).status;
    expect(conditions.find(({ type }) => type === 'ScaledElsewhere')).toMatchObject({
      status: 'True',
      reason: 'OtherScaler',
      message: expect.stringMatching(/HorizontalPodAutoscaler scale this ModelDeployment instead$/),
    });
    expect(conditions.find(({ type }) => type === 'Reconciling')?.reason).not.toBe('Scaling');
  });
});

test('what an autoscaler of the ModelDeployment reads is the live revision', () => {
  const { scale } = planModelDeployment(seen([]), start, settings).status;
  expect(scale).toMatchObject({ wantedReplicas: 2, replicas: 8 });
  expect(scale?.selector.split(',')).toContain(`sluice.dev/revision=${live}`);
  expect(scale?.selector.split(',')).toContain('app.kubernetes.io/component=server');
});

test('another number of pods makes no candidate', () => {
  const observed = { ...seen([], { replicas: 7 }), versions: [version(1)] };
  const { status } = planModelDeployment(observed, start, settings);
  expect(status.candidate).toBeUndefined();
  expect(deploymentOf(observed, live).replicas).toBe(7);
});
