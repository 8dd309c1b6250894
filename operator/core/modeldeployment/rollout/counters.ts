// Adds what gateways count to the ledger, and turns the ledger into what a status holds.
import type { KeptEvidence } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { beginStep, foldReadings, type Ledger, openLedger } from '../../gates/ledger.ts';
import type { Instant } from '../../plan.ts';
import type { Counted, Traffic } from '../../traffic/port.ts';

/** Under which the ledger of the gateway itself counts. */
const gatewayItself = 'gateway';
const nobody = 'nobody';

/** Everything that was counted of a candidate: beside the live revision, and by the gateway itself. */
export type Evidence = { readonly traffic: Ledger; readonly unrouted: Ledger };

export const openEvidence = (candidate: string, stable: string): Evidence => ({
  traffic: openLedger(candidate, stable),
  unrouted: openLedger(gatewayItself, nobody),
});

/** The evidence as it was kept, if it is about these two. */
export function evidenceFrom(kept: KeptEvidence | undefined, candidate: string, stable: string): Evidence {
  if (kept?.candidate !== candidate || kept.stable !== stable) return openEvidence(candidate, stable);
  const { unrouted, ...traffic } = kept;
  return { traffic, unrouted };
}

const copy = ({ candidate, stable, steps, readings, marks }: Ledger) => ({
  candidate,
  stable,
  steps: steps.slice(-9),
  readings: [...readings],
  marks: marks.slice(-2),
});

export const keepEvidence = ({ traffic, unrouted }: Evidence): KeptEvidence => ({
  ...copy(traffic),
  // Only the last seconds of it are judged.
  unrouted: { ...copy(unrouted), steps: copy(unrouted).steps.slice(-1) },
});

/** Begins a step whose weight is in force. */
export function beginEvidence(
  { traffic, unrouted }: Evidence,
  step: { readonly name: string; readonly share: number; readonly startedAt: Instant },
): Evidence {
  return { traffic: beginStep(traffic, step), unrouted: beginStep(unrouted, step) };
}

/** Adds what the gateways have counted since their last readings. */
export function foldEvidence(
  { traffic, unrouted }: Evidence,
  { counts, now }: Pick<Traffic, 'counts' | 'now'>,
): Evidence {
  const pods = counts.sources.map(({ uid }) => uid);
  const fold = (ledger: Ledger, countedOf: (revision: string) => readonly Counted[]) => {
    const counted = [ledger.candidate, ledger.stable].flatMap((revision) =>
      countedOf(revision).map((each) => ({ ...each, revision })),
    );
    const readings = pods.flatMap((uid) => counted.filter(({ podUid }) => podUid === uid));
    return foldReadings(ledger, { readings, pods, now });
  };
  return { traffic: fold(traffic, counts.of), unrouted: fold(unrouted, counts.unrouted) };
}
