// The one error for a bundle that must not be loaded, with the reason that ends up on the object.

export type BundleErrorReason =
  /** There is no published bundle at that place. */
  | 'BundleMissing'
  /** It is there, but its bytes are not those that its digest promises. */
  | 'BundleCorrupt'
  /** Its bytes are right, but this version of Sluice cannot load it. */
  | 'BundleUnsupported';

/** A bundle that must not be loaded; the message names the file and what is wrong with it. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly reason: BundleErrorReason;
  /** The file of the bundle that was at fault, when it was one. */
  readonly file: string | undefined;

  constructor(reason: BundleErrorReason, message: string, options: { file?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.reason = reason;
    this.file = options.file;
  }
}

/** The error for one file: `problem` continues its name to a sentence. */
export function fileError(reason: BundleErrorReason, file: string, problem: string, cause?: unknown): BundleError {
  return new BundleError(reason, `${file} ${problem}`, cause === undefined ? { file } : { file, cause });
}
