// Begins the evidence of a step, or lets it go on: a step whose live revision goes away and comes back is one step.
import { countAnew } from '../../gates/ledger.ts';
import type { Instant } from '../../plan.ts';
import { shareWithoutLive } from './comparison.ts';
import { beginEvidence, type Evidence } from './counters.ts';
import { endInterlude } from './guardrail-only.ts';

export type Begun = { readonly name: string; readonly share: number; readonly now: Instant };

/**
 * A step begins when its weight is in force, and goes on after an interlude. It has one entry beside the live revision and
 * one without it, each with gates and samples of its own that go on when it is that one's turn again; its time goes on in
 * both. While the first step goes on beside the live revision, harm beside what that one showed before does not weigh.
 */
export function beginOrGoOn(kept: Evidence, { name, share, now }: Begun): Evidence {
  const evidence = endInterlude(kept);
  const { steps } = evidence.traffic;
  const current = steps.at(-1);
  if (current?.name === name && current.share === share) return evidence;
  const isTurn = current?.name === name && [current.share, share].includes(shareWithoutLive);
  if (!isTurn) return beginEvidence(evidence, { name, share, startedAt: now });
  const other = steps.at(-2);
  if (other?.name !== name || other.share !== share) {
    return beginEvidence(evidence, { name, share, startedAt: current.startedAt });
  }
  return { ...evidence, traffic: countAnew({ ...evidence.traffic, steps: [...steps.slice(0, -2), current, other] }) };
}
