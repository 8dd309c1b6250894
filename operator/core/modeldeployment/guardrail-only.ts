// Counts for the guardrail alone: while a weight is on its way some gateway pods give it and some do not yet, for ever if
// one refuses it; and what a live revision without pods is asked says nothing of it. Neither is evidence of a step.
import { beginStep, type Ledger } from '../gates/ledger.ts';
import type { Instant } from '../plan.ts';
import type { Evidence } from './counters.ts';

/** For which step is waited, and with which share in (0, 1]. */
export type Interlude = { readonly name: string; readonly share: number; readonly startedAt: Instant };

/** Counting goes on from the last readings: unlike in a step, nothing that the candidate answers may be left out. */
const begin = (ledger: Ledger, interlude: Interlude): Ledger => ({
  ...beginStep(ledger, { ...interlude, guardrailOnly: true }),
  readings: ledger.readings,
});

/** The evidence with such a time begun, if it has not begun already. */
export function beginInterlude(evidence: Evidence, interlude: Interlude): Evidence {
  if (evidence.traffic.steps.at(-1)?.guardrailOnly) return evidence;
  return { traffic: begin(evidence.traffic, interlude), unrouted: begin(evidence.unrouted, interlude) };
}

/** The next reading is where counting starts anew. */
const end = (ledger: Ledger): Ledger =>
  ledger.steps.at(-1)?.guardrailOnly
    ? { ...ledger, steps: ledger.steps.slice(0, -1), readings: [], marks: [] }
    : ledger;

/** The evidence as it was before, without what was counted meanwhile; as it is outside of such a time. */
export const endInterlude = ({ traffic, unrouted }: Evidence): Evidence => ({
  traffic: end(traffic),
  unrouted: end(unrouted),
});
