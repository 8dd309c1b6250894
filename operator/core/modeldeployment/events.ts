// Decides which events tell of what changed between the status that was written last and the one that is written now.
import type { Condition } from '@sluice/crds/fragments.ts';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { Statement } from '../conditions.ts';
import { normalEvent, type PlannedEvent } from '../plan.ts';
import { hasWeight, type Share } from '../traffic/shares.ts';
import type { Place } from './choice/place.ts';
import type { ModelDeployment } from './observed.ts';
import { rolloutEvents, stepsTold } from './rollout/rollout-events.ts';
import type { TrialResult } from './rollout/trial.ts';

export type Changed = {
  readonly before: ModelDeploymentStatus | undefined;
  readonly place: Place;
  readonly shares: readonly Share[];
  readonly statements: readonly Statement[];
  /** The candidate's trial, also when it has just ended. */
  readonly trial?: TrialResult | undefined;
  readonly modelDeployment?: ModelDeployment;
};

/** The way of a version: it starts, it is given the requests, it has them. */
function movements({ before, place, shares, trial }: Changed): PlannedEvent[] {
  const { stable, candidate } = place;
  const events: PlannedEvent[] = [];
  if (candidate && candidate.revision !== before?.candidate?.revision) {
    events.push(normalEvent('WarmingUp', `starting ${candidate.version} as revision ${candidate.revision}`));
  }
  if (
    candidate &&
    trial?.status.baseline === undefined &&
    hasWeight(shares, candidate.revision) &&
    !hasWeight(before?.traffic ?? [], candidate.revision)
  ) {
    events.push(normalEvent('SwitchingTraffic', `moving all requests to ${candidate.version}`));
  }
  if (stable && stable.revision !== before?.stable?.revision) {
    const steps = before?.evidence?.candidate === stable.revision ? stepsTold(before.evidence) : '';
    events.push(normalEvent('Switched', `all requests go to ${stable.version} (revision ${stable.revision})${steps}`));
  }
  return events;
}

type Said = Pick<Condition, 'type' | 'status' | 'reason'>;

/** Stalled, or a candidate that cannot go on: what a person has to see. */
const isTrouble = ({ type, status }: Said) =>
  (type === 'Stalled' && status === 'True') || (type === 'Progressing' && status === 'False');

/** Each trouble is told once, however many conditions speak of it. */
function troubles({ before, statements }: Changed): PlannedEvent[] {
  const known = new Set((before?.conditions ?? []).filter(isTrouble).map(({ reason }) => reason));
  const fresh = statements.filter((each) => isTrouble(each) && !known.has(each.reason));
  const byReason = new Map(fresh.map((each) => [each.reason, each.message]));
  return [...byReason].map(([reason, message]) => ({ type: 'Warning', reason, message }));
}

/** What served does not serve any more. */
function losses({ before, statements }: Changed): PlannedEvent[] {
  const served = before?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True');
  const now = statements.find(({ type }) => type === 'Available');
  return served && now?.status === 'False' ? [{ type: 'Warning', reason: now.reason, message: now.message }] : [];
}

export const eventsOf = (changed: Changed): PlannedEvent[] => [
  ...movements(changed),
  ...rolloutEvents(changed),
  ...troubles(changed),
  ...losses(changed),
];
