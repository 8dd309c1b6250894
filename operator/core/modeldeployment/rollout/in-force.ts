// When a step began whose weight came into force before this look: what is measured is told with the next status, if that is
// near and nobody was asked anything in between.
import { isSameJson } from '@sluice/crds/canonical-json.ts';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { KeptEvidence } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { withoutMessage } from '../../conditions.ts';
import type { Instant } from '../../plan.ts';
import { areInForce } from '../../traffic/shares.ts';
import type { ModelDeploymentObserved } from '../observed.ts';
import { trafficOf } from '../traffic/gateway.ts';
import { newClock, type Phase, usedSeconds } from './phase-clock.ts';
import type { Trial, TrialResult } from './trial.ts';

/** The shares that the status asks for while a candidate is on its way, if they are in force; undefined otherwise. */
export function sharesInForce(observed: ModelDeploymentObserved, now: Instant): string | undefined {
  const { candidate, traffic = [] } = observed.modelDeployment.status ?? {};
  if (candidate === undefined || !areInForce(traffic, trafficOf(observed, now))) return undefined;
  return JSON.stringify(traffic.map(({ revision, wantedPercent }) => [revision, wantedPercent]));
}

/** When the phase began: of one that the status asked for and does not tell of yet, when its weight came into force. */
export function beganAt({ before, observed: { inForceSince }, now }: Trial, { step, weightPercent }: Phase): Instant {
  const isAsked = before?.step === step && before?.weightPercent === weightPercent && before.standIn === undefined;
  const isTold = before?.startedAt !== undefined || before?.clock !== undefined;
  return isAsked && !isTold ? Math.min(now, inForceSince ?? now) : now;
}

/** For so long the beginning of a step goes untold when a status comes then anyway. */
const longestUntoldSeconds = 5;

/** Whether the candidate was asked nothing yet: then nothing that is counted has to be kept. */
function isUnasked({ candidate, readings }: KeptEvidence): boolean {
  const own = readings.filter(({ revision }) => revision === candidate);
  return own.length > 0 && own.every(({ requests, errors }) => requests === 0 && errors === 0);
}

/** Whether only news can show anything of the candidate: nobody asks it, and its pods are not missed. */
export const isCalm = ({ kept, status }: Pick<TrialResult, 'kept' | 'status'>): boolean =>
  isUnasked(kept) && status.notReadySince === undefined && status.standIn === undefined;

/** What another status would tell of the beginning of a step is left out. */
const besideTheBeginning = ({
  traffic,
  rollout,
  evidence: _,
  gates: _g,
  conditions,
  ...rest
}: ModelDeploymentStatus) => ({
  ...rest,
  traffic: traffic?.map(({ verifiedPercent: _v, changedAt: _c, ...share }) => share),
  rollout: rollout && { ...rollout, startedAt: undefined, clock: undefined, candidateSamples: undefined },
  conditions: conditions?.map(withoutMessage),
});

type Told = { readonly before: ModelDeploymentStatus | undefined; readonly after: ModelDeploymentStatus };

/**
 * Whether nothing has happened but that a step has begun, which the next status tells, too: one that comes within seconds,
 * because time alone ends the step. An operator that ends meanwhile loses these seconds of the step, and nothing else.
 */
export function isToldWithNext({ before, after }: Told, trial: TrialResult | undefined, now: Instant): boolean {
  const { rollout, evidence } = after;
  if (!before?.rollout || !rollout || !evidence || trial?.phase !== 'Stepping' || !trial.runs) return false;
  const isBeginning = before.rollout.startedAt === undefined && rollout.startedAt !== undefined;
  const lastsSeconds = usedSeconds(rollout.clock ?? newClock, now) + (trial.dueSeconds ?? Number.POSITIVE_INFINITY);
  const isNear = Math.round(lastsSeconds) <= longestUntoldSeconds;
  const isAll = isBeginning && isNear && isUnasked(evidence);
  return isAll && isSameJson(besideTheBeginning(before), besideTheBeginning(after));
}
