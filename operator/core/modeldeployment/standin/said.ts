// What is said of a candidate that stands in for the live revision: who answers, why, and what to do.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import { advise } from '../../gates/verdict.ts';

/** A version that has all requests because nothing of the live one can answer. */
export type StandingIn = {
  readonly version: string;
  readonly live: string;
  /** What keeps the live pods from becoming ready, in words. */
  readonly why: string | undefined;
  /** Whether a gate has refused it: it keeps the requests only because nobody is there to take them. */
  readonly isRefused: boolean;
};

type Said = { readonly reason: ModelDeploymentReason; readonly message: string };

const whyDown = ({ live, why }: StandingIn) =>
  why === undefined ? `nothing of ${live} can answer` : `${live}: ${why}`;

export const sayStandsIn = (standingIn: StandingIn): Said => ({
  reason: 'CandidateStandsIn',
  message: advise(
    `${standingIn.version} answers for ${standingIn.live}, unproven; ${whyDown(standingIn)}.`,
    `Mend ${standingIn.live}, or publish a version that proves itself.`,
  ),
});

/** A refused version that answers is not something good that serves. */
export const sayRefusedAnswers = (standingIn: StandingIn): string =>
  advise(
    `only ${standingIn.version}, which was refused, answers; ${whyDown(standingIn)}.`,
    `Mend ${standingIn.live}, or publish a version that proves itself.`,
  );
