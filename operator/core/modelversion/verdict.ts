// Reads what a verification pod found: the bundle is good, it is refused for a reason, or the verification itself failed.
import { type BundleRejection, bundleRejectedExitCode, bundleRejectionSchema } from '@sluice/crds/contract.ts';
import { printable, tailOf } from '@sluice/crds/text.ts';
import { containerOf } from '../pods/children.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { parseDocument } from '../pods/termination-message.ts';
import { verifierContainer } from './verification-job.ts';

export type Verdict =
  | { readonly type: 'Good' }
  | { readonly type: 'Refused'; readonly reason: BundleRejection['reason']; readonly message: string }
  | { readonly type: 'Unknown'; readonly message: string };

/** @param pod one that has ended; undefined when it is gone */
export function verdictOf(pod: ObservedPod | undefined): Verdict {
  const end = pod && containerOf(pod, verifierContainer)?.state?.terminated;
  if (end === undefined) return { type: 'Unknown', message: 'the verification pod ended before it ran' };
  if (end.exitCode === 0) return { type: 'Good' };
  const rejection =
    end.exitCode === bundleRejectedExitCode ? parseDocument(end.message, bundleRejectionSchema) : undefined;
  if (rejection !== undefined) return { type: 'Refused', ...rejection };
  const detail = tailOf(printable(end.message ?? end.reason ?? ''), 500);
  return { type: 'Unknown', message: `the verification exited with code ${end.exitCode}: ${detail}` };
}
