// What is particular of one kind of one-shot pod: its container, its words, and how its last document is read. Everything
// else of such a pod, from its making to its end, is the same for all kinds.
import type { FailureClass, TrainingResult } from '@sluice/crds/contract.ts';
import type { ContainerEnd } from '../observed.ts';

/** The bytes that a pod has read. */
export type DataRecord = NonNullable<TrainingResult['success']>['data'];

/** Why a pod failed: a class, and words for people. */
export type Failing = {
  readonly class: FailureClass;
  readonly message: string;
  readonly data?: DataRecord | undefined;
};

export type Program<Result> = {
  /** Its container in the pod. */
  readonly container: string;
  /** The process as messages call it: `the trainer`. */
  readonly called: string;
  /** What it came to; undefined when it says nothing of the kind, also after exit code 0. */
  result(end: ContainerEnd): Result | undefined;
  /** What it says itself of why it failed. */
  told(end: ContainerEnd): Failing | undefined;
  /** What is said when the kernel killed it for memory. */
  readonly outOfMemory: string;
  /** Class of an exit code that the contract does not know. */
  readonly unknownCode: FailureClass;
  /** Whether it can go on later from where it was told to stop: a stop in order is then no failure. */
  readonly resumes: boolean;
  /** Characters of its last words that a message may quote. */
  readonly quoted: number;
};
