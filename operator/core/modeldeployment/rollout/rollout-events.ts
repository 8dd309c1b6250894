// Decides which events tell the story of a rollout: a candidate is evaluated, refused or gives way, a rule cannot work.
import type { KeptEvidence } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { describeTooFewSamples } from '../../gates/step.ts';
import { normalEvent, type PlannedEvent } from '../../plan.ts';
import { hasWeight } from '../../traffic/shares.ts';
import type { Changed } from '../events.ts';
import { fewestSamples } from './traffic-gates.ts';

type Tell = (changed: Changed) => PlannedEvent[];

/**
 * A rollout is told when it begins and when it ends, as are its evaluation and whatever goes wrong: which step goes on, since
 * when, is in the status, and the end tells of all.
 */
const evaluations: Tell = ({ before, place: { candidate }, trial }) => {
  if (!candidate || trial?.phase !== 'Evaluating') return [];
  const was = before?.rollout?.revision === candidate.revision ? before.rollout : undefined;
  if (was?.phase === 'Evaluating') return [];
  return [normalEvent('Evaluating', `asking ${candidate.version} about the data of the evaluation gates`)];
};

/** The steps beside a live revision that a candidate has passed, as the end of its rollout tells them. */
export function stepsTold(evidence: KeptEvidence | undefined): string {
  const steps = (evidence?.steps ?? []).filter(({ guardrailOnly, share }) => !guardrailOnly && share < 1);
  const passed = new Set(steps.map(({ name, share }) => `${name} ${Math.round(share * 100)} %`));
  return passed.size === 0 ? '' : `, after ${[...passed].join(', ')}`;
}

const refusals: Tell = ({ place, trial }) => {
  const rejection = trial?.rejection;
  if (!rejection) return [];
  const back = place.stable ? `; ${place.stable.version} goes on` : '';
  return [
    {
      type: 'Warning',
      reason: 'GateFailed',
      message: `${rejection.version} is refused${back}: ${rejection.message}`,
    },
  ];
};

/** A candidate that had requests, and was neither refused nor proven, gave way. */
const giveWays: Tell = ({ before, place, trial }) => {
  const was = before?.candidate;
  const hadWeight = was && hasWeight(before?.traffic ?? [], was.revision);
  const isOver = was?.revision !== place.candidate?.revision && was?.revision !== place.stable?.revision;
  if (!was || !hadWeight || !isOver || trial?.rejection) return [];
  return [normalEvent('Superseded', `${was.version} gives way before it was proven; its requests go back`)];
};

/** A step whose minimum cannot suffice is said as soon as the spec is seen; not at each word of an autoscaler. */
const tooFew: Tell = ({ before, modelDeployment }) => {
  if (!modelDeployment || before?.observedGeneration === modelDeployment.metadata.generation) return [];
  const { rollout, server, gates = [] } = modelDeployment.spec;
  const isScaled = before?.scale !== undefined && before.scale.wantedReplicas !== server.replicas;
  if (isScaled) return [];
  const fewest = rollout ? fewestSamples(gates) : [];
  const problems = (rollout?.steps ?? []).flatMap((step) => describeTooFewSamples(step, fewest) ?? []);
  return problems.slice(0, 1).map((message) => ({ type: 'Warning', reason: 'SamplesTooFew', message }));
};

/** The live revision is down, and comes back. */
const standIns: Tell = ({ before, place, trial }) => {
  const { stable, candidate } = place;
  const was = before?.rollout?.revision === candidate?.revision && before?.rollout?.standIn?.since !== undefined;
  const is = trial?.status.standIn?.since !== undefined;
  if (!stable || !candidate || was === is) return [];
  if (is) {
    const message = `${candidate.version} gets all requests, not promoted: nothing of ${stable.version} can answer`;
    return [{ type: 'Warning', reason: 'CandidateStandsIn', message }];
  }
  return [normalEvent('Returning', `${candidate.version} stands in no longer; its step decides what it gets`)];
};

export const rolloutEvents: Tell = (changed) =>
  [evaluations, refusals, giveWays, standIns, tooFew].flatMap((tell) => tell(changed));
