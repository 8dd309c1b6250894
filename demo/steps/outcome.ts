// What was to become of a candidate, and whether it did. Pure.
import type { SeenStep } from './rollout.ts';

/** How a candidate is to end: with all requests, refused before it gets any, or taken back in the step of that name. */
export type Expected =
  | { readonly end: 'promoted' }
  | { readonly end: 'refused'; readonly gate: string }
  | { readonly end: 'taken back'; readonly gate: string; readonly step: string };

/** What was seen of a candidate that is decided. */
export interface Outcome {
  readonly version: string;
  /** Steps in which it had its share of the requests. */
  readonly steps: readonly SeenStep[];
  /** Requests that it answered. */
  readonly answers: number;
  /** The gate that refused it; absent when it has all requests. */
  readonly gate: string | undefined;
}

const wish = (expected: Expected) => {
  if (expected.end === 'promoted') return 'promoted in steps';
  if (expected.end === 'refused') return `refused by gate ${expected.gate} before it gets a request`;
  return `taken back by gate ${expected.gate} in step ${expected.step}`;
};

function isAsExpected(expected: Expected, { steps, answers, gate }: Outcome): boolean {
  if (expected.end === 'promoted') return gate === undefined && answers > 0;
  if (gate !== expected.gate) return false;
  if (expected.end === 'refused') return answers === 0;
  return answers > 0 && steps.length === 1 && steps[0]?.step === expected.step;
}

/** What went otherwise than expected, in a sentence; undefined when nothing did. */
export function surprise(expected: Expected, outcome: Outcome): string | undefined {
  if (isAsExpected(expected, outcome)) return undefined;
  const { version, steps, answers, gate } = outcome;
  const end = gate === undefined ? 'promoted' : `refused by gate ${gate}`;
  const seen = steps.length === 0 ? 'in no step' : `in step ${steps.map(({ step }) => step).join(', ')}`;
  return `${version} was to be ${wish(expected)}; it was ${end}, after ${answers} answers, seen ${seen}.`;
}
