// What must be there before an attempt's Job is made: the storage, the data, and the Job's name.
import type { FailureClass } from '@sluice/crds/contract.ts';
import { group } from '@sluice/crds/kind.ts';
import { sourceLocation, storageLocation } from '@sluice/crds/locations.ts';
import type { TrainingJobReason } from '@sluice/crds/reasons.ts';
import { obstacleAt } from '../locations/obstacle.ts';
import { attemptName } from '../names.ts';
import { controllerOf } from '../pods/children.ts';
import type { ObservedJob } from '../pods/observed.ts';
import { orderExcess } from '../pods/one-shot/order.ts';
import { trainingOrder } from './job.ts';
import type { TrainingJobObserved } from './observed.ts';
import { numbersRefused } from './version.ts';

/** Why the attempt cannot start; `class` is its failure when nobody heals it in time. */
export type Obstacle = {
  readonly reason: Extract<
    TrainingJobReason,
    | 'StorageMissing'
    | 'StorageReadOnly'
    | 'StorageUnfit'
    | 'InputInvalid'
    | 'NameTaken'
    | 'PredecessorGoing'
    | 'SpecTooLong'
    | 'NumbersExhausted'
    | 'NumbersUnreadable'
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

const starts = (message: string, remedy: string) => `${message}. ${remedy}, and training starts.`;

const storageReasons = { Missing: 'StorageMissing', ReadOnly: 'StorageReadOnly', NoFiles: 'StorageUnfit' } as const;

const storage: Check = ({ trainingJob: { spec }, storage: found }) => {
  const obstacle = obstacleAt(storageLocation(spec.storage, spec.modelName), found, 'Write');
  if (obstacle === undefined) return undefined;
  const { kind, message, remedy } = obstacle;
  const what = `spec.storage: ${message}`;
  const said = kind === 'Missing' ? starts(what, remedy) : `${what}. ${remedy} in a new TrainingJob.`;
  return { reason: storageReasons[kind], class: 'Deadline', message: said };
};

const data: Check = ({ trainingJob: { spec }, data: found }) => {
  const obstacle = obstacleAt(sourceLocation(spec.data.source), found, 'Read');
  if (obstacle === undefined) return undefined;
  const { kind, message, remedy } = obstacle;
  const what = `spec.data.source: ${message}`;
  const said = kind === 'Missing' ? starts(what, remedy) : `${what}. ${remedy} in a new TrainingJob.`;
  return { reason: 'InputInvalid', class: 'Data', message: said };
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
  const isOfOurs = owner?.kind === 'TrainingJob' && owner.apiVersion.startsWith(`${group}/`) && owner.name === name;
  return job.metadata.deletionTimestamp !== undefined || isOfOurs;
}

/** What does not fit into any object of the cluster cannot be told to a pod. */
const order: Check = ({ trainingJob }) => {
  const excess = orderExcess(trainingOrder(trainingJob, 1));
  if (excess === undefined) return undefined;
  const message = `the spec is ${excess} bytes too long for a pod: name the columns of data.features by a pattern such as p*, in a new TrainingJob.`;
  return { reason: 'SpecTooLong', class: 'Deadline', message };
};

/** Hours of training would end without a version. */
const numbers: Check = (observed) => {
  const refused = numbersRefused(observed);
  return refused && { ...refused, class: 'Deadline' };
};

const checks: readonly Check[] = [order, storage, data, takenName, numbers];
