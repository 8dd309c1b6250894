// Decides whether the evaluation gates ask the candidate alone: of a live revision that is gone there are no answers to wait
// for, and its repair would get no request. What was judged so is judged again beside it when it is back, and is no proof.

import { liveState } from '../standin/live-down.ts';
import { isGone } from '../standin/stand-in.ts';
import { standsIn } from './comparison.ts';
import { evaluationGates } from './evaluation-gates.ts';
import { gatesDigest, type Trial } from './trial.ts';

/** At the end of `judgedBy`, of verdicts that were given without the live revision. */
const mark = '-alone';

/** Whether the candidate is asked alone now. */
export const isAskedAlone = ({ stable, rollout, before, observed, traffic, now }: Trial): boolean =>
  stable !== undefined &&
  rollout.whenLiveIsDown === 'Candidate' &&
  isGone(before?.standIn, liveState(stable, { observed, traffic }), now);

const comparing = ({ gates, stable }: Trial) =>
  evaluationGates(gates, stable).filter(
    ({ maxRegression, maxRegressionPercent, maxRegressionAbsolute }) =>
      (maxRegression ?? maxRegressionPercent ?? maxRegressionAbsolute) !== undefined,
  );

/** The first gate that would compare it with the live revision, and did not because that one was gone. */
export const notCompared = (trial: Trial): string | undefined =>
  trial.before?.judgedBy?.endsWith(mark) ? comparing(trial)[0]?.name : undefined;

/** Whether it gives its requests back to be compared: the live revision answers again, and gets the requests. */
export function isAskedAgain(trial: Trial): boolean {
  const { stable, rollout, observed, traffic } = trial;
  if (!stable || rollout.paused || standsIn(trial) || notCompared(trial) === undefined) return false;
  return liveState(stable, { observed, traffic }) === 'Up';
}

/** By which gates the verdicts are, and whether without the live revision. */
export const judgedBy = (trial: Trial, isAlone: boolean): string => `${gatesDigest(trial)}${isAlone ? mark : ''}`;

/** The same of verdicts that were given before. */
export const judgedAsBefore = (trial: Trial): string =>
  judgedBy(trial, trial.before?.judgedBy?.endsWith(mark) ?? false);
