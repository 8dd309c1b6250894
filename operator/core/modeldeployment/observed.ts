// What the ModelDeployment planner is given: the deployment, the versions it may serve, its revisions with their pods,
// and what the gateway knows.
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { ModelDeploymentSpec, ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { ModelVersionSpec, ModelVersionStatus } from '@sluice/crds/v1alpha1/model-version.ts';
import type { Instant, Resource } from '../plan.ts';
import type { ObservedClaim, ObservedCondition, ObservedJob, ObservedMetadata, ObservedPod } from '../pods/observed.ts';
import type { PodTemplate } from '../pods/pod-template.ts';
import type { PodUser } from '../pods/restricted-pod.ts';
import type { RevisionData } from './revision/revision.ts';
import type { GatewayObserved } from './traffic/gateway.ts';

export type ModelDeployment = Resource<ModelDeploymentSpec, ModelDeploymentStatus>;

/** A ModelVersion of the served model. */
export type ServableVersion = {
  readonly metadata: ObservedMetadata;
  readonly spec: ModelVersionSpec;
  readonly status?: ModelVersionStatus | undefined;
};

/** A ControllerRevision of ours: what a revision was made of. */
export type ObservedRevision = {
  readonly metadata: ObservedMetadata;
  readonly revision: number;
  readonly data: RevisionData;
};

/** A server Deployment; counts are absent while they are 0. */
export type ObservedWorkload = {
  readonly metadata: ObservedMetadata & {
    readonly generation: number;
    /** Who sets `spec.replicas`, when somebody did by the scale subresource. */
    readonly managedFields?: readonly { readonly manager: string; readonly subresource?: string | undefined }[];
  };
  readonly spec?: { readonly replicas?: number | undefined; readonly template?: PodTemplate | undefined } | undefined;
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly replicas?: number | undefined;
        readonly updatedReplicas?: number | undefined;
        readonly readyReplicas?: number | undefined;
        readonly conditions?: readonly ObservedCondition[] | undefined;
      }
    | undefined;
};

export type ObservedBudget = { readonly metadata: ObservedMetadata };

export type ServerPod = ObservedPod;

export type ModelDeploymentObserved = GatewayObserved & {
  readonly modelDeployment: ModelDeployment;
  /** Every ModelVersion of the namespace with the deployment's `spec.model.name`. */
  readonly versions: readonly ServableVersion[];
  /** Every ControllerRevision that the deployment owns. */
  readonly revisions: readonly ObservedRevision[];
  /** Every Deployment that it owns. */
  readonly workloads: readonly ObservedWorkload[];
  /** Claims of the namespace that any of them names, as far as they are there. */
  readonly claims: readonly ObservedClaim[];
  /** Every PodDisruptionBudget that it owns. */
  readonly budgets: readonly ObservedBudget[];
  /** Every pod of the namespace with the label `labels.modelDeployment` of this deployment. */
  readonly pods: readonly ServerPod[];
  /** Every Job that it owns: evaluations of its candidates. Their pods are among `pods`. */
  readonly jobs: readonly ObservedJob[];
  /** Since when `sharesInForce` says the same, as far as this operator has seen; absent: since this look. */
  readonly inForceSince?: Instant | undefined;
};

export type ModelDeploymentSettings = {
  readonly serverImage: string;
  /** Its `evaluate` entrypoint asks the questions of evaluation gates. */
  readonly trainerImage: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** What the installation wants of every pod. */
  readonly podDefaults: PodDefaults;
  readonly podUser: PodUser;
  /** sha256 of a text as lower-case hex: handed in, because this room has no crypto. */
  hash(text: string): string;
};
