// Decides whether a candidate must prove itself step by step, and gathers what the trial is judged by.
import type { RevisionRecord, RolloutStatus } from '@sluice/crds/v1alpha1/rollout-status.ts';
import type { Traffic } from '../../traffic/port.ts';
import { hasRoom, hasWeight, type Share } from '../../traffic/shares.ts';
import { wasStableLately } from '../choice/former.ts';
import type { Place } from '../choice/place.ts';
import type { ModelDeployment, ModelDeploymentObserved, ModelDeploymentSettings } from '../observed.ts';
import { isPinned } from '../revision/pin.ts';
import type { Trial } from './trial.ts';

/** What was kept of a trial of this candidate beside this live revision; of any other it is void. */
export function keptTrial(
  { status }: ModelDeployment,
  candidate: RevisionRecord,
  stable: RevisionRecord | undefined,
): RolloutStatus | undefined {
  const kept = status?.rollout;
  return kept?.revision === candidate.revision && kept.baseline === stable?.revision ? kept : undefined;
}

/**
 * Whether it comes back without a trial: it was stable lately, and a person asks for it, by a pin or by settings of the
 * live model. What Latest finds by itself proves itself anew, whatever it was once proven against.
 */
function comesBack({ spec, status }: ModelDeployment, { candidate, stable }: Place): boolean {
  if (!candidate || !spec.rollout) return false;
  const isAskedFor = isPinned(spec) || candidate.digest === stable?.digest;
  return isAskedFor && wasStableLately(status, candidate.revision, spec.rollout.rollbackWindow);
}

/**
 * The trial of the candidate; undefined when it gets all requests at once: without a rollout, when it comes back, or when
 * it was given them before there was one.
 * @param shares as the gateways are known to give them.
 */
export function trialOf(
  observed: ModelDeploymentObserved,
  { candidate, stable }: Place,
  { shares, traffic, settings }: { shares: readonly Share[]; traffic: Traffic; settings: ModelDeploymentSettings },
): Trial | undefined {
  const { modelDeployment } = observed;
  const { rollout, gates = [] } = modelDeployment.spec;
  if (!rollout || !candidate) return undefined;
  const before = keptTrial(modelDeployment, candidate, stable);
  const isProven = comesBack(modelDeployment, { candidate, stable });
  const isMoving = hasWeight(shares, candidate.revision) && modelDeployment.status?.rollout === undefined;
  if (!before && (isProven || (isMoving && modelDeployment.status?.candidate?.revision === candidate.revision))) {
    return undefined;
  }
  const share = shares.find(({ revision }) => revision === candidate.revision);
  const room = hasRoom(shares, candidate.revision);
  return {
    observed,
    rollout,
    gates,
    candidate,
    stable,
    share,
    hasRoom: room,
    before,
    traffic,
    settings,
    now: traffic.now,
  };
}
