// The verifier as a one-shot program: what it found of a bundle, and what is said of its ends and of its waits.
import { type BundleRejection, bundleRejectedExitCode, bundleRejectionSchema } from '@sluice/crds/contract.ts';
import type { Program } from '../pods/one-shot/program.ts';
import type { Wish } from '../pods/one-shot/waiting.ts';
import { parseDocument } from '../pods/termination-message.ts';

/** What was found: the bundle is good, or it is refused for a reason. */
export type Verdict = { readonly type: 'Good' } | ({ readonly type: 'Refused' } & BundleRejection);

/** What its pod asks for. */
export const verifierResources = { cpu: '50m', memory: { request: '128Mi', limit: '512Mi' } } as const;

export const verifier: Program<Verdict> = {
  container: 'verifier',
  called: 'the verification',
  result({ exitCode, message }) {
    if (exitCode === 0) return { type: 'Good' };
    const rejection = exitCode === bundleRejectedExitCode ? parseDocument(message, bundleRejectionSchema) : undefined;
    return rejection && { type: 'Refused', ...rejection };
  },
  told: () => undefined,
  outOfMemory: 'the kernel killed the verification: a file of the bundle is too large for its memory',
  unknownCode: 'Internal',
  resumes: false,
  quoted: 120,
};

export const verifierWish = (jobName: string): Wish => ({
  jobName,
  container: verifier.container,
  image: 'the server image',
  memory: { amount: verifierResources.memory.request },
  cpu: { amount: verifierResources.cpu },
});
