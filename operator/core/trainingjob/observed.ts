// What the TrainingJob planner is given: the job, its children, what it refers to, and the newest reading of its pod.
import type { ProgressReport } from '@sluice/crds/contract.ts';
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { ModelVersionSpec } from '@sluice/crds/v1alpha1/model-version.ts';
import type { TrainingJobSpec, TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import type { Found } from '../locations/obstacle.ts';
import type { ObservedNumbers } from '../numbers/numbers.ts';
import type { Instant, Resource } from '../plan.ts';
import type { ObservedJob, ObservedMetadata, ObservedPod } from '../pods/observed.ts';
import type { PodUser } from '../pods/restricted-pod.ts';

export type TrainingJob = Resource<TrainingJobSpec, TrainingJobStatus>;

/** A ModelVersion of the job's model. */
export type ObservedVersion = { readonly metadata: ObservedMetadata; readonly spec: ModelVersionSpec };

/** The newest answer of a pod to the progress question; `at` is when it was received. */
export type ProgressReading = { readonly podUid: string; readonly report: ProgressReport; readonly at: Instant };

export type TrainingJobObserved = {
  readonly trainingJob: TrainingJob;
  /** Every Job that the TrainingJob owns, and a foreign one that has the name of the current attempt's. */
  readonly jobs: readonly ObservedJob[];
  /** Every pod of the namespace with the label `labels.trainingJob` of this job. */
  readonly pods: readonly ObservedPod[];
  /** What is there of `spec.storage`. */
  readonly storage: Found;
  /** What is there of `spec.data.source`. */
  readonly data: Found;
  /** Every ModelVersion of the namespace with this `spec.modelName`. */
  readonly versions: readonly ObservedVersion[];
  /** What is kept of the numbers of this `spec.modelName`. */
  readonly numbers: ObservedNumbers;
  /** The newest progress of the pods that the last plan asked to be measured. */
  readonly reading?: ProgressReading | undefined;
};

/** What the operator was installed with. */
export type TrainingJobSettings = {
  readonly trainerImage: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** What the installation wants of every pod. */
  readonly podDefaults: PodDefaults;
  readonly podUser: PodUser;
};
