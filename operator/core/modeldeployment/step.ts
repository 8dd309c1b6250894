// Takes at most one step: from what is wanted and known to who gets which share next.
import type { Instant } from '../plan.ts';
import { workloadOf } from './children.ts';
import { type Choice, chooseVersion } from './choose.ts';
import type { GatewayView } from './gateway-view.ts';
import type { ModelDeploymentObserved, ModelDeploymentSettings } from './observed.ts';
import { nextPlace, type Place } from './place.ts';
import { pinnedRevision, revisionOf, type WantedRevision } from './revision.ts';
import { drainSeconds, type Move, nextShares, type Share, verifyShares } from './traffic.ts';
import { isWarm } from './warm.ts';

/** Drain of a revision whose pin was removed: the longest request that the schema allows. */
const longestTimeoutSeconds = 600;

/** Where things stand after the step. */
export type Moved = {
  readonly observed: ModelDeploymentObserved;
  readonly choice: Choice;
  readonly wanted: WantedRevision | undefined;
  readonly place: Place;
  readonly shares: readonly Share[];
  readonly move: Move;
};

const viewOf = (observed: ModelDeploymentObserved, now: Instant): GatewayView => ({
  deployment: observed.modelDeployment.metadata.name,
  table: observed.table,
  pods: observed.gatewayPods,
  readings: observed.gatewayReadings,
  silences: observed.gatewaySilences,
  now,
});

/** @returns what is wanted, who is stable and who on the way, and the shares that are wanted next. */
export function moveOn(observed: ModelDeploymentObserved, now: Instant, settings: ModelDeploymentSettings): Moved {
  const { modelDeployment, versions, revisions, workloads } = observed;
  const { spec, status } = modelDeployment;
  const view = viewOf(observed, now);
  const choice = chooseVersion(modelDeployment, versions, revisions);
  const wanted = choice.version && revisionOf(modelDeployment, choice.version, revisions, settings);
  const verified = verifyShares(status?.traffic ?? [], view);
  const place = nextPlace(status, wanted, verified);
  const warm = (revision: string) => isWarm(workloadOf(workloads, revision), spec.server.replicas);
  const move: Move = {
    candidate: place.candidate && { ...place.candidate, isWarm: warm(place.candidate.revision) },
    stable: place.stable?.revision,
    view,
    drainSeconds: (revision) =>
      drainSeconds(pinnedRevision(revisions, revision)?.data.settings.requestTimeoutSeconds ?? longestTimeoutSeconds),
  };
  return { observed, choice, wanted, place, shares: nextShares(verified, move), move };
}

/** Shares that have lost their weight and are not on their way to one. */
export const leaving = ({ shares, place }: Moved): Share[] =>
  shares.filter(
    ({ wantedPercent, revision }) =>
      wantedPercent === 0 && revision !== place.candidate?.revision && revision !== place.stable?.revision,
  );
