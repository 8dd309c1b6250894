// What planners read of the Kubernetes objects that surround their own: narrow, structural, plain JSON. Cached objects of
// the apiserver fit as they are; what a planner does not read is not named here.
import type { OwnerReference } from '../plan.ts';

/** Metadata of a child or of something that is referred to. Times are RFC 3339 strings. */
export type ObservedMetadata = {
  readonly name: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
};

/** A condition of a Kubernetes object (Pod, Job). */
export type ObservedCondition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
};

/** How a container ended. */
export type ContainerEnd = {
  readonly exitCode: number;
  readonly reason?: string | undefined;
  /** The termination message; the last lines of the log when the container wrote none and failed. */
  readonly message?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
};

export type ObservedContainer = {
  readonly name: string;
  readonly image?: string | undefined;
  readonly imageID?: string | undefined;
  readonly restartCount?: number | undefined;
  readonly state?:
    | {
        readonly waiting?: { readonly reason?: string | undefined; readonly message?: string | undefined } | undefined;
        readonly running?: { readonly startedAt?: string | undefined } | undefined;
        readonly terminated?: ContainerEnd | undefined;
      }
    | undefined;
  /** How it ended before its last start. */
  readonly lastState?: { readonly terminated?: ContainerEnd | undefined } | undefined;
};

export type ObservedPod = {
  readonly metadata: ObservedMetadata;
  readonly spec?:
    | {
        readonly nodeName?: string | undefined;
        /** Those that are Secrets which rules on access ask for. */
        readonly volumes?: readonly { readonly name: string; readonly secret?: object | undefined }[] | undefined;
        readonly initContainers?:
          | readonly { readonly name: string; readonly restartPolicy?: string | undefined }[]
          | undefined;
      }
    | undefined;
  readonly status?:
    | {
        readonly phase?: string | undefined;
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
        readonly podIP?: string | undefined;
        readonly startTime?: string | undefined;
        readonly conditions?: readonly ObservedCondition[] | undefined;
        readonly containerStatuses?: readonly ObservedContainer[] | undefined;
        readonly initContainerStatuses?: readonly ObservedContainer[] | undefined;
      }
    | undefined;
};

export type ObservedJob = {
  readonly metadata: ObservedMetadata;
  readonly spec?: { readonly suspend?: boolean | undefined } | undefined;
  readonly status?:
    | {
        /** Pods of it that have not ended. */
        readonly active?: number | undefined;
        readonly conditions?: readonly ObservedCondition[] | undefined;
      }
    | undefined;
};

/** A PersistentVolumeClaim. */
export type ObservedClaim = {
  readonly metadata: ObservedMetadata;
  readonly spec?:
    | { readonly accessModes?: readonly string[] | undefined; readonly volumeMode?: string | undefined }
    | undefined;
  readonly status?: { readonly phase?: string | undefined } | undefined;
};

/** A ConfigMap: its existence, and its keys where they are known (a metadata-only cache knows none). */
export type ObservedConfigMap = {
  readonly metadata: ObservedMetadata;
  readonly keys?: readonly string[] | undefined;
};
