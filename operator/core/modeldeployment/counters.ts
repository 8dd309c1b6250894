// Turns what gateway pods report into readings that the ledger takes, and the ledger into what a status holds.
import type { KeptEvidence } from '@sluice/crds/v1alpha1/rollout-status.ts';
import {
  beginStep,
  type CounterReading,
  foldReadings,
  type KeptReading,
  type Ledger,
  openLedger,
} from '../gates/ledger.ts';
import type { BackendCounters, GatewayReading } from '../gateway/observed.ts';
import { revisionName } from '../names.ts';
import type { Instant } from '../plan.ts';
import { isTerminal } from '../pods/children.ts';
import type { GatewayView } from './gateway-view.ts';

/**
 * An uptime is in whole seconds and late: by half a second as Envoy counts it, by seconds when it or we are short of CPU.
 * What differs by less is the same start. A gateway that began again in this time counts from 0, which shows by itself.
 */
const startToleranceMs = 30_000;

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

/** Adds what the gateway pods have counted since their last readings. */
export function foldEvidence({ traffic, unrouted }: Evidence, view: GatewayView): Evidence {
  const pods = view.pods.filter((pod) => !isTerminal(pod)).map(({ metadata }) => metadata.uid);
  const fold = (ledger: Ledger, countersOf: (report: GatewayReading['report'], revision: string) => BackendCounters) =>
    foldReadings(ledger, { readings: readingsOf(ledger, view, countersOf), pods, now: view.now });
  return {
    traffic: fold(
      traffic,
      ({ counters }, revision) => counters?.backends[revisionName(view.deployment, revision)] ?? nothing,
    ),
    unrouted: fold(unrouted, ({ counters }) => ({ ...nothing, ...counters?.gateway[view.deployment] })),
  };
}

const nothing: BackendCounters = { requests: 0, errors: 0, overloaded: 0, nonFinite: 0, latency: [] };

/** A pod that does not say since when it counts says nothing. */
function readingsOf(
  ledger: Ledger,
  { readings }: GatewayView,
  countersOf: (report: GatewayReading['report'], revision: string) => BackendCounters,
): CounterReading[] {
  return readings.flatMap(({ podUid, report, at }) => {
    if (!report.counters) return [];
    const began = at - (report.counters.uptimeSeconds + 1) * 1000;
    return [ledger.candidate, ledger.stable].map((revision): CounterReading => {
      const last = ledger.readings.find((each) => each.podUid === podUid && each.revision === revision);
      return { podUid, revision, since: sameStart(last, began), ...countersOf(report, revision) };
    });
  });
}

const sameStart = (last: KeptReading | undefined, began: Instant): Instant =>
  last !== undefined && Math.abs(began - last.since) < startToleranceMs ? last.since : Math.max(0, began);
