// Whether a trainer has been silent for so long that what it said last is no longer told as if it were so.
import { formatTime, parseTime } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import type { ProgressReading } from './observed.ts';
import type { Progress } from './progress.ts';

/** `since`: when it was heard last, once that is long ago; `inSeconds`: when it will be. */
export type Silence = { readonly since?: string; readonly inSeconds?: readonly number[] };

type Heard = {
  /** As the status tells it: all that a new operator knows. */
  readonly shown: Progress | undefined;
  readonly reading: ProgressReading | undefined;
  readonly startedAt: string;
};

/** Longer than a status waits for its turn among thousands, which is all that a new operator has to go by. */
const silentMs = 300_000;

export function silenceOf({ shown, reading, startedAt }: Heard, now: Instant): Silence {
  const heardAt = Math.max(parseTime(startedAt), shown ? parseTime(shown.reportedAt) : 0, reading?.at ?? 0);
  const leftMs = heardAt + silentMs - now;
  if (leftMs <= 0) return { since: formatTime(heardAt) };
  return { inSeconds: [Math.ceil(leftMs / 1000)] };
}
