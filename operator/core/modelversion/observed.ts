// What the ModelVersion planner is given: the version, its verification Job with pods, and what its bundle lies in.
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { ModelVersionSpec, ModelVersionStatus } from '@sluice/crds/v1alpha1/model-version.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import type { Found } from '../locations/obstacle.ts';
import type { ObservedNumbers } from '../numbers/numbers.ts';
import type { Resource } from '../plan.ts';
import type { ObservedJob, ObservedMetadata, ObservedPod } from '../pods/observed.ts';
import type { PodUser } from '../pods/restricted-pod.ts';

export type ModelVersion = Resource<ModelVersionSpec, ModelVersionStatus>;

export type ModelVersionObserved = {
  readonly modelVersion: ModelVersion;
  /** Every Job that the version owns (`verificationName(name)`). */
  readonly jobs: readonly ObservedJob[];
  /** Every pod of the namespace with the label `labels.modelVersion` of this version and component `verifier`. */
  readonly pods: readonly ObservedPod[];
  /** What is there of the place that `spec.bundle.uri` names. */
  readonly storage: Found;
  /** The TrainingJob of the namespace that has the name which the lineage gives; it need not be the one that is meant. */
  readonly trainingJob?: PublishingJob | undefined;
  /** What is kept of the numbers of its `spec.modelName`. */
  readonly numbers: ObservedNumbers;
};

/** A TrainingJob, by what it says of its version. */
export type PublishingJob = {
  readonly metadata: ObservedMetadata;
  readonly status?: Pick<TrainingJobStatus, 'modelVersion' | 'bundle' | 'completedAt'> | undefined;
};

/** What the operator was installed with. */
export type ModelVersionSettings = {
  readonly serverImage: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** What the installation wants of every pod. */
  readonly podDefaults: PodDefaults;
  readonly podUser: PodUser;
};
