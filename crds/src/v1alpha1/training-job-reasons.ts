// Every reason of a TrainingJob.
import { childRefused, nameTaken, nothing, predecessorGoing, type ReasonTable, specInvalid } from '../reason-table.ts';

const lastLines = 'Read status.failure: it has the last lines, the pod and the exit code.';

export const trainingJobReasons = {
  AttemptStarted: { on: ['Event'], meaning: 'A new attempt begins.', remedy: nothing },
  Admitted: { on: ['Admitted'], meaning: 'The pod of the attempt has a node.', remedy: nothing },
  PodPending: {
    on: ['Ready', 'Reconciling', 'Admitted'],
    meaning: 'The pod of the attempt is not running yet.',
    remedy: 'Wait; when it lasts, kubectl describe the pod that the message names.',
  },
  Unschedulable: {
    on: ['Ready', 'Reconciling', 'Admitted', 'Event'],
    meaning: 'No node can take the pod: a resource, a label or a toleration is missing, and the message says which.',
    remedy: 'Add or free a node that offers it, or ask for less in resources or scheduling of a new TrainingJob.',
  },
  SchedulingGated: {
    on: ['Ready', 'Reconciling', 'Admitted'],
    meaning: 'A scheduling gate of the pod holds it back.',
    remedy: 'Wait for the queue that set the gate, or remove the gate.',
  },
  JobSuspended: {
    on: ['Ready', 'Admitted', 'Event'],
    meaning:
      'Something else, such as a queue, set suspend on the Job of the attempt; no deadline runs and nothing is spent.',
    remedy: 'Wait for the queue, or set spec.suspend of the Job to false; the attempt then goes on.',
  },
  InitContainerWaits: {
    on: ['Ready', 'Reconciling', 'Event'],
    meaning: 'A container that others added to the pod comes before the trainer and has not ended, or cannot start.',
    remedy: 'Read the log of the init container that the message names, or exempt the pod from its injection.',
  },
  NodeLost: {
    on: ['Ready', 'Reconciling', 'Event'],
    meaning: 'The node of the pod does not answer, so nobody knows whether the trainer still runs.',
    remedy: 'Bring the node back; if it is gone for good, delete the Node, or force the deletion of the pod.',
  },
  ProgressUnknown: {
    on: ['Ready', 'Reconciling', 'Event'],
    meaning: 'The pod runs and has not told the operator its progress for five minutes; what it told before is old.',
    remedy: 'Look at the node and at NetworkPolicies between the operator and the pod; training goes on meanwhile.',
  },
  SpecTooLong: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'What the pod is to be told is longer than any object of the cluster may hold.',
    remedy: 'Create a TrainingJob that names fewer or shorter columns, for example by a pattern.',
  },
  ImageUnavailable: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Failed', 'Event'],
    meaning: 'The node cannot get the trainer image.',
    remedy: "Correct the image in the chart's values, or name a pull secret in scheduling.imagePullSecrets.",
  },
  ContainerRefused: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'The node has the pod but refuses to start its container.',
    remedy: 'Correct what the message names, for example a runtime class or a mount.',
  },
  StorageMissing: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'The claim of spec.storage does not exist or is lost.',
    remedy: 'Create the PersistentVolumeClaim that the message names; training then starts by itself.',
  },
  StorageReadOnly: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The claim of spec.storage can only be read.',
    remedy: 'Create a TrainingJob with a claim of access mode ReadWriteOnce or ReadWriteMany.',
  },
  StorageUnfit: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The claim of spec.storage is a raw device, which holds no files.',
    remedy: 'Create a TrainingJob with a claim of volumeMode Filesystem.',
  },
  NameTaken: nameTaken,
  PredecessorGoing: predecessorGoing,
  ChildRefused: childRefused,
  NumbersExhausted: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'The model has used its last number, so no further version of it can be made.',
    remedy: 'Create a TrainingJob with another spec.modelName; a bundle that was made can be imported under it.',
  },
  NumbersUnreadable: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning:
      'Somebody has edited the ConfigMap that holds the highest number of the model, and it is no number any more.',
    remedy:
      'Set its key highest to the highest number that was ever given, or delete it to count on from what is there.',
  },
  InputInvalid: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'The data is missing or cannot be used; it is looked at again until deadlines.pendingSeconds.',
    remedy: 'Repair the data that the message names; a new spec.retryToken makes the next look immediate.',
  },
  Running: { on: ['Ready', 'Reconciling', 'Running', 'Event'], meaning: 'The attempt is training.', remedy: nothing },
  NotRunning: { on: ['Running'], meaning: 'No pod of the job is running.', remedy: nothing },
  Retrying: {
    on: ['Ready', 'Reconciling', 'Event'],
    meaning: 'An attempt failed and another follows at status.nextAttemptAt.',
    remedy: 'Nothing yet; status.failure says why the attempt failed.',
  },
  Suspending: {
    on: ['Ready', 'Reconciling', 'Suspended'],
    meaning: 'The pod writes a checkpoint and ends, because spec.suspend is true.',
    remedy: nothing,
  },
  Suspended: {
    on: ['Ready', 'Suspended', 'Event'],
    meaning: 'The job waits and holds no pod, because spec.suspend is true.',
    remedy: 'Set spec.suspend to false; training goes on from the last checkpoint.',
  },
  Resumed: { on: ['Event'], meaning: 'spec.suspend became false and the job goes on.', remedy: nothing },
  Complete: {
    on: ['Ready', 'Complete', 'Event'],
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
