// Decides which events tell the story of a rollout: a step begins, a candidate is refused or gives way, a rule cannot work.
import { describeTooFewSamples } from '../../gates/step.ts';
import { normalEvent, type PlannedEvent } from '../../plan.ts';
import { hasWeight } from '../../traffic/shares.ts';
import type { Changed } from '../events.ts';
import { fewestSamples } from './traffic-gates.ts';

type Tell = (changed: Changed) => PlannedEvent[];

/** Each phase and step is told when it begins. */
const stages: Tell = ({ before, place, trial, modelDeployment }) => {
  const { candidate } = place;
  if (!trial || !candidate) return [];
  const { phase, status, weightPercent } = trial;
  if (status.baseline === undefined && weightPercent > 0) return [];
  const was = before?.rollout?.revision === candidate.revision ? before.rollout : undefined;
  if (was?.phase === phase && was.step === status.step) return [];
  if (phase === 'Evaluating')
    return [normalEvent(phase, `asking ${candidate.version} about the data of the evaluation gates`)];
  // Without a bake the next that is told, at once, is that the candidate has all requests.
  if (phase === 'WarmingUp' || (phase === 'Baking' && modelDeployment?.spec.rollout?.bakeSeconds === 0)) return [];
  const where = status.step === undefined ? '' : ` (step ${status.step})`;
  return [normalEvent(phase, `giving ${candidate.version} ${weightPercent} % of the requests${where}`)];
};

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
  [stages, refusals, giveWays, standIns, tooFew].flatMap((tell) => tell(changed));
