// Small objects for the tests of the TrainingJob planner, each as the apiserver would give it.
import type { TrainingResult } from '@sluice/crds/contract.ts';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import {
  type TrainingJobSpec,
  type TrainingJobStatus,
  trainingJobSpecSchema,
} from '@sluice/crds/v1alpha1/training-job.ts';
import { parseTime } from '../../conditions.ts';
import { attemptName, labels } from '../../names.ts';
import type { ContainerEnd, ObservedClaim, ObservedContainer, ObservedJob, ObservedPod } from '../../pods/observed.ts';
import type { TrainingJob, TrainingJobObserved, TrainingJobSettings } from '../observed.ts';
import { trainer } from '../trainer.ts';

export const startTime = '2026-01-05T10:00:00Z';
export const start = parseTime(startTime);
export const settings: TrainingJobSettings = {
  trainerImage: 'sluice/trainer:1',
  imagePullPolicy: 'IfNotPresent',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
};
export const uid = 'aaaa-1';
export const digest = (character: string) => `sha256:${character.repeat(64)}`;

type Changes = { readonly [field: string]: unknown };

/** A spec with every default filled in, as the shell hands it in. */
export const spec = (changes: Changes = {}): TrainingJobSpec =>
  trainingJobSpecSchema.parse({
    modelName: 'digits',
    data: {
      source: { persistentVolumeClaim: { claimName: 'datasets', path: 'digits/train.csv' } },
      format: 'CSV',
      target: 'label',
    },
    trainer: { builtin: { task: 'Classification', architecture: { type: 'MLP' } } },
    storage: { persistentVolumeClaim: { claimName: 'models' } },
    ...changes,
  });

export const trainingJob = (changes: Changes = {}, status?: TrainingJobStatus): TrainingJob => ({
  metadata: { name: 'digits', namespace: 'ml', uid, generation: 1, creationTimestamp: startTime },
  spec: spec(changes),
  status,
});

export const claim = (name: string): ObservedClaim => ({
  metadata: { name, uid: `claim-${name}`, creationTimestamp: startTime },
  spec: { accessModes: ['ReadWriteOnce'] },
  status: { phase: 'Bound' },
});

export const observe = (changes: Partial<TrainingJobObserved> = {}): TrainingJobObserved => ({
  trainingJob: trainingJob(),
  jobs: [],
  pods: [],
  storage: { claim: claim('models') },
  data: { claim: claim('datasets') },
  versions: [],
  numbers: { highestNamed: 0 },
  ...changes,
});

export const job = (attempt: number, status: ObservedJob['status'] = {}): ObservedJob => ({
  metadata: {
    name: attemptName('digits', attempt),
    uid: `job-${attempt}`,
    creationTimestamp: startTime,
    ownerReferences: [
      { apiVersion: 'sluice.dev/v1alpha1', kind: 'TrainingJob', name: 'digits', uid, controller: true },
    ],
  },
  status,
});

export const finishedJob = (
  attempt: number,
  type: 'Complete' | 'Failed',
  lastTransitionTime = startTime,
): ObservedJob => job(attempt, { conditions: [{ type, status: 'True', lastTransitionTime }] });

/** The pod of an attempt; `status` is merged into a pod that was just created. */
export const pod = (attempt: number, status: ObservedPod['status'] = {}): ObservedPod => ({
  metadata: {
    name: `${attemptName('digits', attempt)}-x`,
    uid: `pod-${attempt}`,
    creationTimestamp: startTime,
    labels: { [labels.trainingJob]: 'digits', [labels.trainingJobUid]: uid, [labels.attempt]: String(attempt) },
    ownerReferences: [
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        name: attemptName('digits', attempt),
        uid: `job-${attempt}`,
        controller: true,
      },
    ],
  },
  spec: { nodeName: 'node-a' },
  status: { phase: 'Pending', podIP: '10.0.0.7', ...status },
});

const container = (state: ObservedContainer['state']): ObservedContainer => ({
  name: trainer.container,
  image: 'sluice/trainer:1',
  state,
});

export const runningPod = (attempt: number, startedAt = startTime): ObservedPod =>
  pod(attempt, { phase: 'Running', containerStatuses: [container({ running: { startedAt } })] });

export const waitingPod = (attempt: number, reason: string, message?: string): ObservedPod =>
  pod(attempt, { containerStatuses: [container({ waiting: { reason, message } })] });

export const endedPod = (attempt: number, end: ContainerEnd): ObservedPod =>
  pod(attempt, {
    phase: end.exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [
      container({ terminated: { startedAt: startTime, finishedAt: '2026-01-05T10:01:00Z', ...end } }),
    ],
  });

export const success: NonNullable<TrainingResult['success']> = {
  bundle: {
    digest: digest('b'),
    specDigest: digest('5'),
    directory: `sha256-${'b'.repeat(64)}`,
    format: 'TFJSLayers',
    bytes: 40211,
  },
  data: { digest: digest('d'), rows: 1797, bytes: 300_000 },
  metrics: [{ name: 'accuracy', split: 'test', value: 0.961234, lower: 0.941234, upper: 0.981234, n: 360 }],
  accelerator: 'CPU',
};

export const succeededPod = (attempt: number): ObservedPod =>
  endedPod(attempt, { exitCode: 0, message: JSON.stringify({ success }) });
