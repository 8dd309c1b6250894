// What every gate says, whatever it looks at, and the words that all of them share.
import { messageMax, shorten } from '../conditions.ts';

export type Verdict = 'Pass' | 'Fail' | 'Inconclusive' | 'Error';

/** The statement of one gate, as `status.gates` shows it. Figures are absent where there are none. */
export type GateVerdict = {
  readonly name: string;
  readonly verdict: Verdict;
  /** What the candidate shows: a rate, milliseconds, or the metric's own unit. */
  readonly estimate?: number;
  /** The same of the live revision. */
  readonly baseline?: number;
  /** Two-sided interval of the estimate at the gate's confidence, for people; the verdict rests on `method`. */
  readonly lower?: number;
  readonly upper?: number;
  /** Samples of the candidate that the verdict rests on. */
  readonly n: number;
  /**
   * Samples of the candidate at which the gate passes if both revisions go on as seen; before there are any, the fewest
   * that can pass at all. Absent where no number can.
   */
  readonly nNeeded?: number;
  /** Requests that the candidate was too busy for (429); absent when there were none. */
  readonly overloaded?: number;
  readonly method: string;
  /** Estimate against threshold, samples, and what to do next; at most 200 characters. */
  readonly message: string;
};

/** Figures of a verdict before rounding; what is not finite is left out. */
export type Figures = Partial<Record<'estimate' | 'baseline' | 'lower' | 'upper' | 'nNeeded', number | undefined>>;

/** Four significant digits, as status shows numbers. */
export const figure = (value: number): number => Number(value.toPrecision(4));

/** @returns a verdict with rounded figures and a message that fits. */
export function giveVerdict(
  core: Pick<GateVerdict, 'name' | 'verdict' | 'n' | 'method' | 'message'>,
  figures: Figures = {},
): GateVerdict {
  const shown = Object.entries(figures)
    .filter((entry): entry is [string, number] => entry[1] !== undefined && Number.isFinite(entry[1]))
    .map(([key, value]) => [key, key === 'nNeeded' ? value : figure(value)]);
  return { ...core, message: shorten(core.message), ...Object.fromEntries(shown) };
}

/** A problem and what to do about it in one message that fits: of the two, the problem is cut. */
export const advise = (problem: string, remedy: string) =>
  `${shorten(problem, messageMax - remedy.length - 1)} ${remedy}`;

/** What to do about an undecided gate. @param nNeeded as in GateVerdict. */
export const whatDecides = (nNeeded: number | undefined): string =>
  nNeeded === undefined
    ? 'More requests like these cannot pass it: allow more, or publish a better version.'
    : `About ${nNeeded} samples are needed: send requests, or allow more.`;

/** `confidence` 0.95 as people write it. */
export const percent = (confidence: number) => `${figure(confidence * 100)} %`;

/** A gate that could not be judged at all: never a pass. @param message what went wrong and how to put it right. */
export const giveError = (name: string, message: string): GateVerdict =>
  giveVerdict({ name, verdict: 'Error', n: 0, method: 'none', message });
