// Decides what it means for an evaluation that a revision did not answer some rows, or answered them with no number.
import { advise, type GateVerdict, giveError, giveVerdict } from './verdict.ts';

/** What was wrong with a revision's answers. */
export type AnswerFaults = {
  /** Rows that it did not answer, after retries. */
  readonly unanswered: number;
  /** What the first request without an answer got instead. */
  readonly firstFailure?: string | undefined;
  /** Rows that it answered with NaN or infinity: wrong where answers are right or wrong, and in no error of a metric. */
  readonly nonFinite: number;
};

export const noFaults: AnswerFaults = { unanswered: 0, nonFinite: 0 };

type Gate = { readonly name: string; readonly metric: string; readonly version: string };

type Faulty = {
  readonly type: 'Paired' | 'Single' | 'Metric' | 'TooFew';
  readonly asked: number;
  readonly faults: { readonly candidate: AnswerFaults; readonly stable: AnswerFaults };
};

type Check = (gate: Gate, evidence: Faulty) => GateVerdict | undefined;

/** Of an error that is infinite no mean is left to compare: the candidate has failed, whatever its other errors are. */
const withoutError: Check = ({ name, metric, version }, { type, asked, faults }) => {
  const { nonFinite } = faults.candidate;
  if ((type !== 'Metric' && type !== 'TooFew') || nonFinite === 0) return undefined;
  const message = advise(
    `${nonFinite} of ${asked} answers were NaN or infinite: there is no ${metric}.`,
    `Check metrics of ModelVersion ${version} and the range of the inputs; publish another version.`,
  );
  return giveVerdict({ name, verdict: 'Fail', n: asked, method: 'every answer is a number', message });
};

const unanswered: Check = ({ name }, { asked, faults }) => {
  const [who, fault] = faults.candidate.unanswered > 0 ? ['candidate', faults.candidate] : ['live', faults.stable];
  if (fault.unanswered === 0) return undefined;
  const why = fault.firstFailure === undefined ? '' : ` (${fault.firstFailure})`;
  return giveError(
    name,
    advise(
      `The ${who} revision did not answer ${fault.unanswered} of ${asked} rows${why}.`,
      'See the logs of its pods; then set a new rollout.retryToken.',
    ),
  );
};

const checks: readonly Check[] = [withoutError, unanswered];

/** The verdict where faults decide; undefined when the answers that are there can be judged. */
export function judgeFaults(gate: Gate, evidence: Faulty): GateVerdict | undefined {
  for (const check of checks) {
    const verdict = check(gate, evidence);
    if (verdict) return verdict;
  }
  return undefined;
}

/** A live revision that answers nothing but NaN is no baseline, and no reason to refuse what answers numbers. */
export function tooFewRows({ name, metric }: Gate, live: AnswerFaults): GateVerdict {
  if (live.nonFinite === 0) {
    return giveError(
      name,
      `The dataset has too few rows for ${metric}: name at least 2 in gates[${name}].evaluation.dataset.`,
    );
  }
  const message = advise(
    `The live revision answered ${live.nonFinite} rows with NaN: nothing is left to compare with.`,
    `Set rollout.onInconclusive to Promote, or remove gates[${name}].`,
  );
  return giveVerdict({ name, verdict: 'Inconclusive', n: 0, method: 'none', message });
}
