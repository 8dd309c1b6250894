// Counts for the guardrail alone: while a weight is on its way some gateway pods give it and some do not yet, for ever if
// one refuses it; and what a live revision without pods is asked says nothing of it. Neither is evidence of a step.
import { beginStep, countAnew, type Ledger } from '../../gates/ledger.ts';
import type { Instant } from '../../plan.ts';
import type { Evidence } from './counters.ts';

/** For which step is waited, and with which share in (0, 1]: the weight that is on its way, or `shareWithoutLive`. */
export type Interlude = { readonly name: string; readonly share: number; readonly startedAt: Instant };

/** Counting goes on from the last readings: unlike in a step, nothing that the candidate answers may be left out. */
const begin = (ledger: Ledger, interlude: Interlude & { guardrailOnly?: true }): Ledger => ({
  ...beginStep(ledger, interlude),
  readings: ledger.readings,
});

/**
 * The evidence with such a time begun, if it has not begun already; another one goes on from what was counted in the last.
 * What the gateway itself fails is of no step anyway.
 */
export function beginInterlude({ traffic, unrouted }: Evidence, interlude: Interlude): Evidence {
  const last = traffic.steps.at(-1);
  if (last?.guardrailOnly) {
    const isSame = last.name === interlude.name && last.share === interlude.share;
    const steps = [...traffic.steps.slice(0, -1), isSame ? last : { ...last, ...interlude }];
    return { traffic: { ...traffic, steps }, unrouted };
  }
  return { traffic: begin(traffic, { ...interlude, guardrailOnly: true }), unrouted: begin(unrouted, interlude) };
}

/** The evidence as it was before, without what was counted meanwhile. */
export function endInterlude({ traffic, unrouted }: Evidence): Evidence {
  if (!traffic.steps.at(-1)?.guardrailOnly) return { traffic, unrouted };
  return { traffic: countAnew({ ...traffic, steps: traffic.steps.slice(0, -1) }), unrouted };
}
