// Every reason of a ModelVersion.
import { childRefused, nameTaken, nothing, predecessorGoing, type ReasonTable, specInvalid } from '../reason-table.ts';

export const modelVersionReasons = {
  Published: {
    on: ['Ready', 'Event'],
    meaning: 'A TrainingJob of this namespace says that it published this version, and it can be served.',
    remedy: nothing,
  },
  Imported: {
    on: ['Ready', 'Event'],
    meaning:
      'No TrainingJob of this namespace vouches for it; its files were read and match the digest, and it can be served.',
    remedy: nothing,
  },
  Verifying: {
    on: ['Ready', 'Reconciling'],
    meaning: 'The files of the bundle are being compared with its digest.',
    remedy: nothing,
  },
  JobSuspended: {
    on: ['Ready', 'Event'],
    meaning: 'Something else, such as a queue, set suspend on the Job that verifies the bundle.',
    remedy: 'Wait for the queue, or set spec.suspend of the Job <name>-verify to false.',
  },
  VerificationNotStarting: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning:
      'The pod that verifies the bundle cannot start, so nothing is known of it; it is tried again every ten minutes.',
    remedy: 'Mend what the message names: an image, a quota, a policy, a node.',
  },
  VerificationFailed: {
    on: ['Ready', 'Reconciling', 'Event'],
    meaning: 'The verification itself failed, so nothing is known of the bundle; it is tried again every minute.',
    remedy: 'When it lasts, kubectl describe the Job <name>-verify.',
  },
  NumberUsed: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning:
      'The number was given to another model before: it names that one for ever, also when its version is deleted.',
    remedy: 'Delete the ModelVersion and create it under a number above all that were used.',
  },
  StorageMissing: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'The claim that bundle.uri names does not exist or is lost.',
    remedy: 'Create the PersistentVolumeClaim that the message names.',
  },
  StorageUnfit: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The claim that bundle.uri names is a raw device, which holds no files.',
    remedy: 'Copy the bundle to a claim of volumeMode Filesystem, and create a version with its bundle.uri.',
  },
  BundleMissing: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'There are no files where bundle.uri points.',
    remedy: 'Copy the bundle there, or create a version with the right bundle.uri.',
  },
  BundleCorrupt: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The files of the bundle do not match its digest, or have more bytes than bundle.bytes says.',
    remedy: 'Restore the files from a copy, or create a version with the right bundle.digest and bundle.bytes.',
  },
  BundleUnsupported: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'This version of Sluice cannot read the bundle.',
    remedy: 'Upgrade Sluice, or export the model in a supported bundle.format.',
  },
  NameTaken: nameTaken,
  PredecessorGoing: predecessorGoing,
  ChildRefused: childRefused,
  SpecInvalid: specInvalid,
} as const satisfies ReasonTable;
