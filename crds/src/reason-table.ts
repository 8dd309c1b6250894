// What is said of a reason, and the words that several kinds share.

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
  | 'CandidateRejected'
  | 'GatesMissing'
  | 'ScaledElsewhere'
  | 'NotExposed'
  | 'ChildRefused'
  | 'Event';

/** One sentence of meaning, and one of what to do. */
export type ReasonText = { on: readonly ReasonPlace[]; meaning: string; remedy: string };

export type ReasonTable = Readonly<Record<string, ReasonText>>;

/** The remedy of a reason that is no trouble. */
export const nothing = 'Nothing to do.';

export const specInvalid = {
  on: ['Ready', 'Stalled'],
  meaning: 'The stored spec does not fit the schema of this version of Sluice, so nothing was done with it.',
  remedy: 'Correct the field that the message names, or install the CRDs of this version.',
} as const satisfies ReasonText;

export const nameTaken = {
  on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
  meaning: 'An object that belongs to something else has the name of a child of this one; nothing was written over it.',
  remedy: 'Delete the object that the message names, or create this one under another metadata.name.',
} as const satisfies ReasonText;

export const predecessorGoing = {
  on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
  meaning: 'An object of an earlier one of this name, or one that is being deleted, still has the name of a child.',
  remedy: 'Wait; when it lasts, look at the finalizers of the object that the message names.',
} as const satisfies ReasonText;

export const childRefused = {
  on: ['Ready', 'Reconciling', 'Stalled', 'Progressing', 'ChildRefused', 'Event'],
  meaning:
    'The apiserver does not take an object that is to be made, or the pod of a Job: a quota, a policy, a webhook or a right is in the way.',
  remedy: 'Do what the message says; it is tried again by itself.',
} as const satisfies ReasonText;
