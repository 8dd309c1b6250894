// Decides when waiting and running have lasted too long: pendingSeconds, activeSeconds and progressSeconds.
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import { parseTime } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import type { ProgressReading } from './observed.ts';

type Deadlines = TrainingJobSpec['deadlines'];

/** Either the deadline has passed, or it passes in so many seconds. */
export type Deadline =
  | { readonly passed: true; readonly message: string }
  | { readonly passed: false; readonly inSeconds: number };

/** The supervisor judges a hang itself; the operator waits this much longer, in case the supervisor hangs too. */
const hangGraceSeconds = 30;

/** @param since when the wait began */
export function pendingDeadline(deadlines: Deadlines, since: string, now: Instant): Deadline {
  return deadline(
    parseTime(since) + deadlines.pendingSeconds * 1000,
    now,
    `deadlines.pendingSeconds: ${deadlines.pendingSeconds} passed`,
  );
}

/** @param ranSeconds seconds that all attempts ran until now */
export function activeDeadline(deadlines: Deadlines, ranSeconds: number, now: Instant): Deadline {
  return deadline(
    now + (deadlines.activeSeconds - ranSeconds) * 1000,
    now,
    `all attempts together ran for deadlines.activeSeconds: ${deadlines.activeSeconds}`,
  );
}

/** The hang of a trainer whose supervisor still answers. No answer is no evidence: the network may be at fault. */
export function hangMessage(deadlines: Deadlines, reading: ProgressReading | undefined): string | undefined {
  const idle = reading?.report.idleSeconds ?? 0;
  if (idle < deadlines.progressSeconds + hangGraceSeconds) return undefined;
  return `no step for ${Math.floor(idle)} s (deadlines.progressSeconds: ${deadlines.progressSeconds})`;
}

function deadline(at: Instant, now: Instant, message: string): Deadline {
  return now >= at ? { passed: true, message } : { passed: false, inSeconds: Math.ceil((at - now) / 1000) };
}
