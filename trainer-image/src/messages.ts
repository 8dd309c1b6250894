// What the supervisor and the training process say to each other over their IPC channel. Both come from one build.
import type { ProgressReport, TrainingResult } from '@sluice/crds/contract.ts';
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';

/** Directories of a run; in a pod those of `paths` in crds/src/contract.ts. */
export type Directories = {
  readonly data: string;
  /** `<modelName>/` of the storage claim. */
  readonly storage: string;
};

/** One attempt to train one model. */
export type TrainingOrder = {
  readonly spec: TrainingJobSpec;
  readonly ownerUid: string;
  readonly directories: Directories;
};

/** Supervisor → training process. `Drain`: write a checkpoint and end. */
export type Command = { readonly type: 'Train'; readonly order: TrainingOrder } | { readonly type: 'Drain' };

type Success = NonNullable<TrainingResult['success']>;
type Failure = NonNullable<TrainingResult['failure']>;

/** How the training process ended, in its own words. */
export type Outcome =
  | { readonly type: 'Complete'; readonly success: Success }
  | { readonly type: 'Failed'; readonly failure: Failure }
  | { readonly type: 'Drained' };

/** Training process → supervisor. Each of them counts as a sign of progress. */
export type Sign =
  | { readonly type: 'Stage'; readonly stage: ProgressReport['stage'] }
  | {
      readonly type: 'Step';
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      readonly totalEpochs: number;
      readonly metrics: ProgressReport['metrics'];
    }
  | { readonly type: 'Alive' }
  | { readonly type: 'Ended'; readonly outcome: Outcome };
