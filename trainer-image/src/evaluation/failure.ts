// Decides the failure class of an error that the evaluator caught: by what it is, never by where it came from.
import type { FailureClass } from '@sluice/crds/contract.ts';
import { cutEnd, printable } from '@sluice/crds/text.ts';
import { DataError } from '@sluice/model/data-error.ts';
import { codeOf } from '@sluice/model/error-code.ts';

/** An endpoint did not answer, or not as one that serves the model. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

/** `deadlineSeconds` have passed, or cannot suffice. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The pod was told to stop. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export type EvaluationFailure = { readonly class: FailureClass; readonly message: string };

const messageMaxLength = 200;
const outOfMemory = /Array buffer allocation failed|Invalid (string|array) length/i;

type Check = (error: Error) => EvaluationFailure | null;

const checks: readonly Check[] = [
  (error) =>
    error instanceof DataError
      ? // The rooms that read data for training, too, name its fields by their place there.
        { class: 'Data', message: error.message.replaceAll('spec.data', 'dataset') }
      : null,
  (error) => (error instanceof EndpointError ? { class: 'Infrastructure', message: error.message } : null),
  (error) => (error instanceof DeadlineError ? { class: 'Deadline', message: error.message } : null),
  (error) =>
    outOfMemory.test(error.message)
      ? {
          class: 'OutOfMemory',
          message: `dataset: it is too large for the evaluator; use fewer rows. (${error.message})`,
        }
      : null,
  (error) =>
    /^E[A-Z]+$/.test(codeOf(error))
      ? { class: 'Infrastructure', message: `dataset.source cannot be read: check its volume. (${error.message})` }
      : null,
];

/** Class and message (at most 200 characters) of an error. */
export function classifyError(thrown: unknown): EvaluationFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const internal: EvaluationFailure = { class: 'Internal', message: `${error.name}: ${error.message}` };
  const failure = checks.map((check) => check(error)).find((found) => found !== null) ?? internal;
  return { ...failure, message: plain(failure.message) };
}

/** One printable line of at most 200 characters, whatever a server or a file put into it. */
export function plain(text: string): string {
  return cutEnd(printable(text), messageMaxLength);
}
