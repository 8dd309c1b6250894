// Turns what gateway pods report into readings that the ledger takes, and the ledger into what a status holds.
import type { KeptEvidence } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { parseTime } from '../../conditions.ts';
import { beginStep, type CounterReading, foldReadings, type Ledger, openLedger } from '../../gates/ledger.ts';
import { gatewayContainer } from '../../gateway/children.ts';
import type { BackendCounters, GatewayState } from '../../gateway/observed.ts';
import { revisionName } from '../../names.ts';
import type { Instant } from '../../plan.ts';
import { containerOf, isTerminal } from '../../pods/children.ts';
import type { ObservedPod } from '../../pods/observed.ts';
import type { GatewayView } from '../traffic/gateway-view.ts';

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
  const fold = (ledger: Ledger, countersOf: CountersOf) =>
    foldReadings(ledger, { readings: readingsOf(ledger, view, countersOf), pods, now: view.now });
  return {
    traffic: fold(traffic, ({ backends }, revision) => backends[revisionName(view.deployment, revision)] ?? nothing),
    unrouted: fold(unrouted, ({ gateway }) => ({ ...nothing, ...gateway[view.deployment] })),
  };
}

type CountersOf = (counters: NonNullable<GatewayState['counters']>, revision: string) => BackendCounters;

const nothing: BackendCounters = { requests: 0, errors: 0, overloaded: 0, nonFinite: 0, latency: [] };

/** A pod that does not say what it has counted says nothing: absent counters are none that fell to 0. */
function readingsOf(ledger: Ledger, { readings, pods }: GatewayView, countersOf: CountersOf): CounterReading[] {
  return readings.flatMap(({ podUid, report: { counters } }) => {
    if (!counters) return [];
    const since = processStart(pods.find(({ metadata }) => metadata.uid === podUid));
    return [ledger.candidate, ledger.stable].map(
      (revision): CounterReading => ({ podUid, revision, since, ...countersOf(counters, revision) }),
    );
  });
}

/**
 * When the gateway process of the pod began, by its node's clock: the same for every operator. Our clock and Envoy's uptime
 * would give another start after each jump of either clock.
 */
function processStart(pod: ObservedPod | undefined): Instant | undefined {
  const startedAt = pod && containerOf(pod, gatewayContainer)?.state?.running?.startedAt;
  return startedAt === undefined ? undefined : parseTime(startedAt);
}
