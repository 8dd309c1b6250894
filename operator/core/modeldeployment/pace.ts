// Decides whether a look at a rollout is worth a write. Gateway pods are read every second or more often, and each reading
// moves figures; people need fresh ones every few seconds, and decisions need none of them to be kept: what is judged is
// always what was kept and what was counted since.
import { isSameJson } from '@sluice/crds/canonical-json.ts';
import type { Condition } from '@sluice/crds/fragments.ts';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { KeptEvidence } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { withoutMessage } from '../conditions.ts';
import type { Counts } from '../traffic/port.ts';

/** A clock that runs is noted so often; a time of more than twice as long without a note was seen by no operator. */
export const noteEveryMs = 30_000;
export const longestLookMs = 2 * noteEveryMs;

type KeptLedger = Pick<KeptEvidence, 'candidate' | 'stable' | 'steps' | 'readings' | 'marks'>;

/**
 * The status to be written: `after`, or `before` while only figures have moved. Figures are written along with anything
 * else, and with each new mark, so every `markMilliseconds` while requests are counted.
 *
 * What a gateway process counted in the seconds that are not kept is lost when it ends in them, for both revisions alike;
 * of a pod that is known to be going, everything is kept.
 */
export function pacedStatus(
  before: ModelDeploymentStatus | undefined,
  after: ModelDeploymentStatus,
  sources: Counts['sources'],
): ModelDeploymentStatus {
  if (!before?.evidence || !after.evidence || isSameJson(before.evidence, after.evidence)) return after;
  const isGoing = (podUid: string) => sources.some(({ uid, isEnding }) => uid === podUid && isEnding);
  return isSameJson(withoutFigures(before, isGoing), withoutFigures(after, isGoing)) ? before : after;
}

type IsGoing = (podUid: string) => boolean;

/** Messages hold figures; their reasons and verdicts do not. */
function withoutFigures({ evidence, gates, rollout, conditions, ...rest }: ModelDeploymentStatus, isGoing: IsGoing) {
  return {
    ...rest,
    rollout: rollout && { ...rollout, candidateSamples: undefined, heldFor: rollout.heldFor !== undefined },
    gates: gates?.map(({ name, verdict }) => ({ name, verdict })),
    conditions: conditions?.map(withoutMessage),
    evidence: evidence && [evidence, evidence.unrouted].map((ledger) => outlineOf(ledger, isGoing)),
  };
}

/** Who is judged, in which step, since when each gateway process counts. */
const outlineOf = ({ candidate, stable, steps, readings, marks }: KeptLedger, isGoing: IsGoing) => ({
  ...{ candidate, stable },
  steps: steps.map(({ name, share, startedAt }) => ({ name, share, startedAt })),
  readings: readings.map((reading) => {
    const { podUid, revision, since } = reading;
    return isGoing(podUid) ? reading : { podUid, revision, since };
  }),
  marks: marks.map(({ at }) => at),
});

const isTrouble = ({ type, status }: Condition) =>
  (type === 'Stalled' && status === 'True') || (type === 'Progressing' && status === 'False');

/** A candidate is beginning to warm up, and nothing is in its way: in a crowd it may be further before it is told of. */
function isBeginning(before: ModelDeploymentStatus, after: ModelDeploymentStatus): boolean {
  const isQuiet = before.stable !== undefined && before.candidate === undefined && before.rollout === undefined;
  const isSameTraffic = isSameJson(before.traffic ?? [], after.traffic ?? []);
  return isQuiet && after.rollout?.phase === 'WarmingUp' && isSameTraffic && !after.conditions?.some(isTrouble);
}

/** Whether nobody waits for the status: it is written when there is room, or with what comes next. */
export function statusCanWait(before: ModelDeploymentStatus | undefined, after: ModelDeploymentStatus): boolean {
  if (before === undefined) return false;
  const isCountOfPodsOnly = isSameJson({ ...before, replicas: undefined }, { ...after, replicas: undefined });
  return isCountOfPodsOnly || isBeginning(before, after);
}
