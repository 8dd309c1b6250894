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
  on: ['Ready', 'Stalled', 'Event'],
  meaning: 'An object that belongs to something else has the name of a child of this one; nothing was written over it.',
  remedy: 'Delete the object that the message names, or create this one under another metadata.name.',
} as const satisfies ReasonText;
