// What must be there before an attempt's Job is made: the storage, the data, and the Job's name.
import type { FailureClass } from '@sluice/crds/contract.ts';
import type { TrainingJobReason } from '@sluice/crds/reasons.ts';
import { attemptName } from '../names.ts';
import { controllerOf } from '../pods/children.ts';
import type { ObservedClaim, ObservedJob } from '../pods/observed.ts';
import { orderExcess } from '../pods/one-shot/order.ts';
import { trainingOrder } from './job.ts';
import type { TrainingJobObserved } from './observed.ts';

/** Why the attempt cannot start; `class` is its failure when nobody heals it in time. */
export type Obstacle = {
  readonly reason: Extract<
    TrainingJobReason,
    'StorageMissing' | 'StorageReadOnly' | 'InputInvalid' | 'NameTaken' | 'PredecessorGoing' | 'SpecTooLong'
  >;
  readonly class: FailureClass;
  readonly message: string;
};

type Check = (observed: TrainingJobObserved) => Obstacle | undefined;

export function findObstacle(observed: TrainingJobObserved): Obstacle | undefined {
  for (const check of checks) {
    const obstacle = check(observed);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

const storage: Check = ({ trainingJob, storageClaim }) => {
  const { claimName } = trainingJob.spec.storage.persistentVolumeClaim;
  const trouble = claimTrouble(storageClaim);
  if (trouble !== undefined) {
    const message = `spec.storage: PersistentVolumeClaim ${claimName} ${trouble}. Create it, and training starts.`;
    return { reason: 'StorageMissing', class: 'Deadline', message };
  }
  const modes = storageClaim?.spec?.accessModes ?? [];
  if (modes.length === 0 || modes.some((mode) => mode !== 'ReadOnlyMany')) return undefined;
  return {
    reason: 'StorageReadOnly',
    class: 'Deadline',
    message: `spec.storage: PersistentVolumeClaim ${claimName} can only be read. Name a claim with access mode ReadWriteOnce or ReadWriteMany in a new TrainingJob.`,
  };
};

const data: Check = ({ trainingJob, dataClaim, dataConfigMap }) => {
  const { persistentVolumeClaim, configMap } = trainingJob.spec.data.source;
  if (persistentVolumeClaim !== undefined) {
    const trouble = claimTrouble(dataClaim);
    return trouble === undefined
      ? undefined
      : invalid(`PersistentVolumeClaim ${persistentVolumeClaim.claimName} ${trouble}. Create it`);
  }
  if (configMap === undefined) return undefined;
  if (dataConfigMap === undefined) return invalid(`ConfigMap ${configMap.name} does not exist. Create it`);
  const { keys } = dataConfigMap;
  if (keys === undefined || keys.includes(configMap.key)) return undefined;
  return invalid(`ConfigMap ${configMap.name} has no key ${configMap.key}. Add it`);
};

const takenName: Check = ({ trainingJob, jobs }) => {
  const { metadata, status } = trainingJob;
  const wanted = attemptName(metadata.name, status?.attempt ?? 1);
  const foreign = jobs.find((job) => job.metadata.name === wanted && controllerOf(job)?.uid !== metadata.uid);
  if (foreign === undefined) return undefined;
  if (isGoing(foreign, metadata)) {
    const message = `waits for Job ${wanted} of an earlier TrainingJob to be gone; if it stays, look at its finalizers.`;
    return { reason: 'PredecessorGoing', class: 'Deadline', message };
  }
  const message = `Job ${wanted} belongs to something else. Delete it, or use another metadata.name.`;
  return { reason: 'NameTaken', class: 'Deadline', message };
};

/** The garbage collector removes what a predecessor of the same name owned. */
function isGoing(job: ObservedJob, { name }: { readonly name: string }): boolean {
  const owner = controllerOf(job);
  return job.metadata.deletionTimestamp !== undefined || (owner?.kind === 'TrainingJob' && owner.name === name);
}

/** What does not fit into any object of the cluster cannot be told to a pod. */
const order: Check = ({ trainingJob }) => {
  const excess = orderExcess(trainingOrder(trainingJob, 1));
  if (excess === undefined) return undefined;
  const message = `the spec is ${excess} bytes too long for a pod: name the columns of data.features by a pattern such as p*, in a new TrainingJob.`;
  return { reason: 'SpecTooLong', class: 'Deadline', message };
};

const checks: readonly Check[] = [order, storage, data, takenName];

const invalid = (message: string): Obstacle => ({
  reason: 'InputInvalid',
  class: 'Data',
  message: `spec.data.source: ${message}, and training starts.`,
});

function claimTrouble(claim: ObservedClaim | undefined): string | undefined {
  if (claim === undefined) return 'does not exist';
  if (claim.metadata.deletionTimestamp !== undefined) return 'is being deleted';
  return claim.status?.phase === 'Lost' ? 'has lost its volume' : undefined;
}
