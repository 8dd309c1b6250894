// Decides what a gate may still say when servers were too busy for many requests: a 429 is no error of the model, and what
// was not answered shows nothing of it.
import { type Counts, currentStep, type TrafficEvidence } from './traffic.ts';
import { advise, type GateVerdict } from './verdict.ts';

/** Share of the requests above which a revision is too busy to be judged, or to be compared with. */
export const overloadLimit = 0.1;

const isBusy = ({ overloaded = 0, requests }: Counts) => overloaded > overloadLimit * requests;

/** Requests that the revision was too busy for; 0 while they are few enough to leave them alone. */
export const busyFor = (counts: Counts): number => (isBusy(counts) ? (counts.overloaded ?? 0) : 0);

/** Whether the live revision is so busy now that its latency is that of its refusals, which are fast. */
export const isLiveBusy = (evidence: TrafficEvidence): boolean => isBusy(currentStep(evidence).stable);

/** The evidence without earlier steps whose live latency is no baseline. */
export const withoutBusySteps = ({ steps, plannedSteps }: TrafficEvidence): TrafficEvidence => ({
  steps: steps.filter((step, index) => index === steps.length - 1 || !isBusy(step.stable)),
  plannedSteps,
});

/**
 * The verdict with the candidate's refusals among its figures. Beyond the limit it is no pass: of a failure alone refusals
 * take nothing away.
 */
export function besideOverload(verdict: GateVerdict, evidence: TrafficEvidence): GateVerdict {
  const { candidate, stable } = currentStep(evidence);
  const told = candidate.overloaded === 0 ? verdict : { ...verdict, overloaded: candidate.overloaded };
  const busy = [
    { who: 'candidate', totals: candidate },
    { who: 'live revision', totals: stable },
  ].find(({ totals }) => isBusy(totals));
  if (busy === undefined || verdict.verdict === 'Fail') return told;
  const { who, totals } = busy;
  const message = advise(
    `The ${who} was too busy for ${totals.overloaded} of ${totals.requests} requests (429).`,
    'Raise server.replicas or server.resources, or send fewer requests.',
  );
  return { ...told, verdict: 'Inconclusive', message };
}
