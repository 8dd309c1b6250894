// Every reason that a condition or an event of ours can have: where it appears, what it means, and what a person does.
// docs/reference/reasons.md is made from this table; planners may use no reason that is not in it.
import type { FailureClass } from './contract.ts';

/** Where a reason appears: in a condition of that type, or as the reason of an event. */
export type ReasonPlace =
  | 'Ready'
  | 'Reconciling'
  | 'Stalled'
  | 'Admitted'
  | 'Running'
  | 'Complete'
  | 'Failed'
  | 'Suspended'
  | 'Available'
  | 'Progressing'
  | 'Event';

/** One sentence of meaning, and one of what to do. */
export type ReasonText = { on: readonly ReasonPlace[]; meaning: string; remedy: string };

type ReasonTable = Readonly<Record<string, ReasonText>>;

const nothing = 'Nothing to do.';
const lastLines = 'Read status.failure: it has the last lines, the pod and the exit code.';
const specInvalid = {
  on: ['Ready', 'Stalled', 'Event'],
  meaning: 'The stored spec does not fit the schema of this version of Sluice, so nothing was done with it.',
  remedy: 'Correct the field that the message names, or install the CRDs of this version.',
} as const;

const trainingJob = {
  Waiting: {
    on: ['Ready', 'Reconciling'],
    meaning: 'The job was seen and its first attempt is being prepared.',
    remedy: nothing,
  },
  AttemptStarted: { on: ['Event'], meaning: 'A new attempt begins; its Job is created next.', remedy: nothing },
  Admitted: { on: ['Admitted'], meaning: 'The pod of the attempt has a node.', remedy: nothing },
  PodPending: {
    on: ['Ready', 'Reconciling', 'Admitted', 'Running'],
    meaning: 'The pod of the attempt is not running yet.',
    remedy: 'Wait; when it lasts, kubectl describe the pod that the message names.',
  },
  Unschedulable: {
    on: ['Ready', 'Reconciling', 'Admitted', 'Running', 'Event'],
    meaning: 'No node can take the pod: a resource, a label or a toleration is missing, and the message says which.',
    remedy: 'Add or free a node that offers it, or ask for less in resources or scheduling of a new TrainingJob.',
  },
  SchedulingGated: {
    on: ['Ready', 'Reconciling', 'Admitted', 'Running'],
    meaning: 'A scheduling gate of the pod holds it back.',
    remedy: 'Wait for the queue that set the gate, or remove the gate.',
  },
  ImageUnavailable: {
    on: ['Ready', 'Stalled', 'Running', 'Failed', 'Event'],
    meaning: 'The node cannot get the trainer image.',
    remedy: "Correct the image in the chart's values, or name a pull secret in scheduling.imagePullSecrets.",
  },
  ContainerRefused: {
    on: ['Ready', 'Stalled', 'Running', 'Event'],
    meaning: 'The node has the pod but refuses to start its container.',
    remedy: 'Correct what the message names, for example a runtime class or a mount.',
  },
  StorageMissing: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The claim of spec.storage does not exist or is lost.',
    remedy: 'Create the PersistentVolumeClaim that the message names; training then starts by itself.',
  },
  StorageReadOnly: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The claim of spec.storage can only be read.',
    remedy: 'Create a TrainingJob with a claim of access mode ReadWriteOnce or ReadWriteMany.',
  },
  NameTaken: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'An object that belongs to something else has the name of a child of this job.',
    remedy: 'Delete that object, or create the TrainingJob under another metadata.name.',
  },
  InputInvalid: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The data is missing or cannot be used; it is looked at again until deadlines.pendingSeconds.',
    remedy: 'Repair the data that the message names; a new spec.retryToken makes the next look immediate.',
  },
  Running: { on: ['Ready', 'Reconciling', 'Running', 'Event'], meaning: 'The attempt is training.', remedy: nothing },
  NotRunning: { on: ['Running'], meaning: 'No pod of the job is running.', remedy: nothing },
  Publishing: {
    on: ['Ready', 'Reconciling'],
    meaning: 'Training succeeded and the ModelVersion is being created.',
    remedy: nothing,
  },
  Retrying: {
    on: ['Ready', 'Reconciling', 'Running', 'Event'],
    meaning: 'An attempt failed and another follows at status.nextAttemptAt.',
    remedy: 'Nothing yet; status.failure says why the attempt failed.',
  },
  Suspending: {
    on: ['Ready', 'Reconciling', 'Suspended'],
    meaning: 'The pod writes a checkpoint and ends, because spec.suspend is true.',
    remedy: nothing,
  },
  Suspended: {
    on: ['Ready', 'Suspended', 'Running', 'Event'],
    meaning: 'The job waits and holds no pod, because spec.suspend is true.',
    remedy: 'Set spec.suspend to false; training goes on from the last checkpoint.',
  },
  Resumed: { on: ['Event'], meaning: 'spec.suspend became false and the job goes on.', remedy: nothing },
  Complete: {
    on: ['Ready', 'Complete', 'Running', 'Event'],
    meaning: 'The model is trained and its ModelVersion exists.',
    remedy: nothing,
  },
  RetryRequested: {
    on: ['Event'],
    meaning: 'spec.retryToken changed, so the failed job is tried again with new budgets.',
    remedy: nothing,
  },
  UserCodeFailed: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'The trainer ended with an error.',
    remedy: lastLines,
  },
  DataInvalid: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'The data was still missing or wrong when deadlines.pendingSeconds had passed.',
    remedy: 'Repair the data that the message names, then set a new spec.retryToken.',
  },
  NoAccelerator: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'A GPU was asked for and none works in the pod.',
    remedy: 'Repair the driver of the node, or create a TrainingJob with resources.gpu.fallback Allow.',
  },
  Diverged: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'The loss became infinite or not a number.',
    remedy: 'Create a TrainingJob with a lower optimizer.learningRate, and look at the range of the data.',
  },
  OutOfMemory: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'The trainer needed more memory than resources.memory allows.',
    remedy: 'Create a TrainingJob with more resources.memory or a smaller batchSize.',
  },
  Hung: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'No step was finished for deadlines.progressSeconds.',
    remedy: 'Raise deadlines.progressSeconds if one step may take that long, then set a new spec.retryToken.',
  },
  InfrastructureFailed: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'Pods were lost to evictions, lost nodes or storage errors more often than retry.infrastructure allows.',
    remedy: 'Look at the node that the message names, then set a new spec.retryToken.',
  },
  DeadlineExceeded: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'A limit of spec.deadlines has passed.',
    remedy: 'Raise the deadline that the message names, then set a new spec.retryToken.',
  },
  InternalError: {
    on: ['Ready', 'Stalled', 'Failed', 'Event'],
    meaning: 'Sluice itself is at fault.',
    remedy: 'Report it with status.failure; a new spec.retryToken tries again.',
  },
  SpecInvalid: specInvalid,
} as const satisfies ReasonTable;

const modelVersion = {
  Published: {
    on: ['Ready', 'Event'],
    meaning: 'A TrainingJob of this namespace made the bundle and it can be served.',
    remedy: nothing,
  },
  Imported: {
    on: ['Ready', 'Event'],
    meaning: 'The bundle was made elsewhere, its files match the digest, and it can be served.',
    remedy: nothing,
  },
  Verifying: {
    on: ['Ready', 'Reconciling'],
    meaning: 'The files of the bundle are being compared with its digest.',
    remedy: nothing,
  },
  VerificationFailed: {
    on: ['Ready', 'Reconciling', 'Event'],
    meaning: 'The verification itself failed, so nothing is known of the bundle; it is tried again every minute.',
    remedy: 'When it lasts, kubectl describe the Job <name>-verify.',
  },
  StorageMissing: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The claim that bundle.uri names does not exist or is lost.',
    remedy: 'Create the PersistentVolumeClaim that the message names.',
  },
  BundleMissing: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'There are no files where bundle.uri points.',
    remedy: 'Copy the bundle there, or create a version with the right bundle.uri.',
  },
  BundleCorrupt: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The files of the bundle do not match its digest.',
    remedy: 'Restore the files from a copy, or train the model again.',
  },
  BundleUnsupported: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'This version of Sluice cannot read the bundle.',
    remedy: 'Upgrade Sluice, or export the model in a supported bundle.format.',
  },
  SpecInvalid: specInvalid,
} as const satisfies ReasonTable;

const modelDeployment = {
  Serving: {
    on: ['Ready', 'Available', 'Event'],
    meaning: 'The wanted version gets all the traffic.',
    remedy: nothing,
  },
  StableServes: {
    on: ['Available', 'Ready'],
    meaning: 'A proven version serves while another is on its way.',
    remedy: nothing,
  },
  NothingServes: {
    on: ['Available', 'Ready', 'Event'],
    meaning: 'No version can answer requests now.',
    remedy: 'Read the conditions Ready and Stalled, which say what is missing.',
  },
  NoVersion: {
    on: ['Ready', 'Stalled'],
    meaning: 'No ModelVersion of model.name is Ready yet.',
    remedy: 'Create a TrainingJob with this modelName, or import a ModelVersion.',
  },
  VersionNotFound: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'There is no ModelVersion of the name in model.version.',
    remedy: 'Set model.version to one that kubectl get mver shows.',
  },
  VersionNotReady: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The ModelVersion in model.version is not Ready.',
    remedy: 'Read the conditions of that ModelVersion, or pin another.',
  },
  WarmingUp: {
    on: ['Ready', 'Reconciling', 'Progressing'],
    meaning: 'The server pods of the new revision start and load the model; traffic has not moved.',
    remedy: nothing,
  },
  SwitchingTraffic: {
    on: ['Ready', 'Reconciling', 'Progressing', 'Event'],
    meaning: 'The gateway is moving all requests to the new revision.',
    remedy: nothing,
  },
  DrainingOld: {
    on: ['Reconciling', 'Progressing'],
    meaning: 'The old revision finishes its last requests before it is removed.',
    remedy: nothing,
  },
  Switched: { on: ['Event'], meaning: 'All requests go to the new revision.', remedy: nothing },
  ServerNotStarting: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'A server pod of the new revision cannot start; what served before still serves.',
    remedy: 'Correct what the message names: resources, scheduling, or the image in the chart.',
  },
  BundleMissing: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The files of the version are not in its claim.',
    remedy: 'Restore the files, or serve another version.',
  },
  BundleCorrupt: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The files of the version do not match its digest, so no server loads them.',
    remedy: 'Restore the files from a copy, or serve another version.',
  },
  BundleUnsupported: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'This version of Sluice cannot serve the bundle.',
    remedy: 'Upgrade Sluice, or serve another version.',
  },
  GatewayPending: {
    on: ['Ready', 'Reconciling', 'Available'],
    meaning: 'The gateway of the namespace is starting or has not taken the new routes yet.',
    remedy: 'Wait; when it lasts, kubectl describe the pods of Deployment sluice-gateway.',
  },
  GatewayRejected: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'Envoy refused the new routes; the old ones still hold.',
    remedy: 'Report it with the reason in the message; a change of the spec makes new routes.',
  },
  GatewaysUnreachable: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The operator cannot read the state of the gateway pods.',
    remedy: 'Allow the operator to reach port 9902 of the gateway pods (NetworkPolicy).',
  },
  NameTaken: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'An object that belongs to something else has the name of a child of this deployment.',
    remedy: 'Delete that object, or create the ModelDeployment under another metadata.name.',
  },
  SpecInvalid: specInvalid,
} as const satisfies ReasonTable;

/** Reasons by the kind that speaks them. */
export const reasons = {
  TrainingJob: trainingJob,
  ModelVersion: modelVersion,
  ModelDeployment: modelDeployment,
} as const;

type KindWithReasons = keyof typeof reasons;
/** A reason that objects of one kind can have. */
export type ReasonOf<K extends KindWithReasons> = Extract<keyof (typeof reasons)[K], string>;
export type TrainingJobReason = ReasonOf<'TrainingJob'>;
export type ModelVersionReason = ReasonOf<'ModelVersion'>;
export type ModelDeploymentReason = ReasonOf<'ModelDeployment'>;
/** Any reason of any kind. */
export type Reason = TrainingJobReason | ModelVersionReason | ModelDeploymentReason;

/** The reason of a TrainingJob whose budget for a class of failure is spent. */
export const failureReasons = {
  UserCode: 'UserCodeFailed',
  Data: 'DataInvalid',
  NoAccelerator: 'NoAccelerator',
  Diverged: 'Diverged',
  OutOfMemory: 'OutOfMemory',
  Hang: 'Hung',
  Infrastructure: 'InfrastructureFailed',
  Image: 'ImageUnavailable',
  Deadline: 'DeadlineExceeded',
  Internal: 'InternalError',
} as const satisfies Record<FailureClass, TrainingJobReason>;
