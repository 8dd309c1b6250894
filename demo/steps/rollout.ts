// Follows a rollout: every state of the ModelDeployment with the moment when it was seen, and what clients got meanwhile.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { LoadAnswer } from '../load/summary.ts';
import type { Place } from './place.ts';
import { waitFor } from './watch.ts';

/** What is remembered of a refused version. */
export type Rejection = NonNullable<ModelDeploymentStatus['rejected']>[number];

/** A state and when it was seen, in milliseconds since 1970. */
export interface Sighting {
  readonly at: number;
  readonly status: Partial<ModelDeploymentStatus>;
}

/** What to follow, and how far. */
export interface Following {
  readonly deployment: string;
  readonly until: (status: Partial<ModelDeploymentStatus>) => boolean;
  readonly seconds: number;
  readonly mayStall?: boolean | undefined;
  readonly onChange?: ((status: Partial<ModelDeploymentStatus>) => void) | undefined;
}

/** Resolves to all states up to the first for which `until` holds; rejects after `seconds`, or when the object is Stalled. */
export async function followRollout(
  place: Place,
  { deployment, until, seconds, mayStall, onChange }: Following,
): Promise<Sighting[]> {
  const sightings: Sighting[] = [];
  await waitFor<ModelDeploymentStatus>(place, {
    object: `modeldeployment/${deployment}`,
    until: ({ status = {} }) => until(status),
    seconds,
    mayStall,
    onChange: (status) => {
      sightings.push({ at: Date.now(), status });
      onChange?.(status);
    },
  });
  return sightings;
}

/** One step of a candidate as it was seen from outside. */
export interface SeenStep {
  readonly step: string;
  readonly weightPercent: number;
  /** When every gateway pod gave the candidate this share for the first and the last time; milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** What the operator had counted of the candidate: when it decided, or as it was last written while the step went on. */
  readonly samples: number;
}

type Verified = Omit<SeenStep, 'from' | 'to'> & { readonly at: number };

function verifiedStep({ at, status }: Sighting, version: string): Verified[] {
  const { rollout, candidate, traffic = [] } = status;
  const share = traffic.find(({ revision }) => revision === candidate?.revision);
  const isInForce =
    candidate?.version === version && share?.verifiedPercent === rollout?.weightPercent && rollout?.step !== undefined;
  if (!isInForce || rollout?.step === undefined || rollout.weightPercent === 0) return [];
  return [{ at, step: rollout.step, weightPercent: rollout.weightPercent, samples: rollout.candidateSamples }];
}

/** Figures are written every few seconds, but whole with the decision that ends a step. */
const countedIn = (sightings: readonly Sighting[], version: string, step: string): number[] =>
  sightings
    .filter(({ status }) => status.candidate?.version === version)
    .flatMap(
      ({ status }) => status.evidence?.steps.filter(({ name, guardrailOnly }) => name === step && !guardrailOnly) ?? [],
    )
    .map(({ candidate }) => candidate.requests - (candidate.overloaded ?? 0));

/** The steps in which `version` had its share in force, in their order. */
export function seenSteps(sightings: readonly Sighting[], version: string): SeenStep[] {
  const verified = sightings.flatMap((sighting) => verifiedStep(sighting, version));
  return [...Map.groupBy(verified, ({ step }) => step)].map(([step, states]) => ({
    step,
    weightPercent: states[0]?.weightPercent ?? 0,
    from: states[0]?.at ?? 0,
    to: states.at(-1)?.at ?? 0,
    samples: Math.max(...states.map(({ samples }) => samples), ...countedIn(sightings, version, step)),
  }));
}

/** How many requests that were due from `from` to `to` got a good answer, and how many of these from `version`. */
export function shareOf(
  answers: readonly LoadAnswer[],
  { version, from, to }: { readonly version: string; readonly from: number; readonly to: number },
): { readonly answers: number; readonly byVersion: number } {
  const good = answers.filter(({ at, status }) => status === 200 && at >= from && at <= to);
  return { answers: good.length, byVersion: good.filter((answer) => answer.version === version).length };
}

/** Whether the newest rejection of `version` is of the attempt with `retryToken`. */
export const isRejected = ({ rejected }: Partial<ModelDeploymentStatus>, version: string, retryToken = ''): boolean =>
  rejected?.some((each) => each.version === version && each.retryToken === retryToken) ?? false;

/**
 * Milliseconds from the moment when the rejection of `version` was seen to the moment when the last request that it
 * answered was sent; negative when the gateway was faster than the news. NaN when it was never seen.
 */
export function milliSecondsToLastRequest(
  sightings: readonly Sighting[],
  answers: readonly LoadAnswer[],
  { version, retryToken = '' }: { readonly version: string; readonly retryToken?: string },
): number {
  const decidedAt = sightings.find(({ status }) => isRejected(status, version, retryToken))?.at ?? Number.NaN;
  const sent = answers.filter((answer) => answer.version === version).map(({ at }) => at);
  return Math.max(Number.NEGATIVE_INFINITY, ...sent) - decidedAt;
}

/**
 * Milliseconds from the reading that showed the failing evidence to the one by which every gateway pod was known to send no
 * request to the candidate; undefined when it had none, or not all is back yet.
 */
export function milliSecondsToWithdrawal({ evidenceAt, withdrawnAt }: Rejection): number | undefined {
  return evidenceAt === undefined || withdrawnAt === undefined
    ? undefined
    : Date.parse(withdrawnAt) - Date.parse(evidenceAt);
}
