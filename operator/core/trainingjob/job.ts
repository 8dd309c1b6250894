// Builds the Job of one attempt: one restricted pod that trains, and everything that it is told.
import { env, paths } from '@sluice/crds/contract.ts';
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import { attemptName, commonLabels, labels } from '../names.ts';
import type { Manifest } from '../plan.ts';
import { dataSource } from '../pods/data-source.ts';
import { wishedManifest } from '../pods/pod-template.ts';
import { containerSecurityContext, environment, restrictedPodFields, temporarySpace } from '../pods/restricted-pod.ts';
import type { TrainingJob, TrainingJobSettings } from './observed.ts';

export const trainerContainer = 'trainer';

/** Time between SIGTERM and SIGKILL: enough to end a step and to write a checkpoint. */
const terminationGraceSeconds = 60;
const temporarySize = '2Gi';

/** The Job of attempt `attempt`. Retries are ours (`backoffLimit: 0`), so that each class of failure has its budget. */
export function attemptJob(trainingJob: TrainingJob, attempt: number, settings: TrainingJobSettings): Manifest {
  const { name, namespace, uid } = trainingJob.metadata;
  const ownLabels = {
    ...commonLabels('trainer'),
    [labels.trainingJob]: name,
    [labels.trainingJobUid]: uid,
    [labels.attempt]: String(attempt),
  };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: attemptName(name, attempt),
      namespace,
      labels: ownLabels,
    },
    spec: {
      backoffLimit: 0,
      template: { metadata: { labels: ownLabels }, spec: podSpec(trainingJob, attempt, settings) },
    },
  };
  return wishedManifest(job, { defaults: settings.podDefaults });
}

/** The identity of an existing Job, for a child that is only kept. */
export const jobIdentity = (name: string, namespace: string): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace },
});

function podSpec(trainingJob: TrainingJob, attempt: number, settings: TrainingJobSettings) {
  const { spec } = trainingJob;
  const data = dataSource(spec.data.source);
  const temporary = temporarySpace(temporarySize);
  return {
    ...restrictedPodFields(spec.scheduling, settings.podUser),
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: terminationGraceSeconds,
    containers: [
      {
        name: trainerContainer,
        image: settings.trainerImage,
        imagePullPolicy: settings.imagePullPolicy,
        env: environment(variables(trainingJob, attempt)),
        resources: resources(spec.resources),
        securityContext: containerSecurityContext,
        terminationMessagePath: paths.terminationLog,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          data.mount,
          { name: 'storage', mountPath: paths.storage, subPath: spec.modelName },
          temporary.mount,
        ],
      },
    ],
    volumes: [
      data.volume,
      { name: 'storage', persistentVolumeClaim: { claimName: spec.storage.persistentVolumeClaim.claimName } },
      temporary.volume,
    ],
  };
}

const variables = ({ metadata, spec }: TrainingJob, attempt: number) => ({
  [env.spec]: JSON.stringify(spec),
  [env.owner]: metadata.name,
  [env.ownerUid]: metadata.uid,
  [env.namespace]: metadata.namespace,
  [env.attempt]: String(attempt),
});

/** CPU is a request only; memory is request and limit; devices must be both. */
function resources({ cpu, memory, gpu }: TrainingJobSpec['resources']) {
  const devices = gpu === undefined ? {} : { [gpu.resourceName]: String(gpu.count) };
  return { requests: { cpu, memory, ...devices }, limits: { memory, ...devices } };
}
