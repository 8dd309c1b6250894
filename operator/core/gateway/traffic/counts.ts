// What gateway pods report of the requests, as the traffic port has it.
import { parseTime } from '../../conditions.ts';
import { revisionName } from '../../names.ts';
import type { Instant } from '../../plan.ts';
import { containerOf, isTerminal } from '../../pods/children.ts';
import type { ObservedPod } from '../../pods/observed.ts';
import type { Counted, Counts } from '../../traffic/port.ts';
import { gatewayContainer } from '../children.ts';
import type { BackendCounters, GatewayState } from '../observed.ts';
import { type GatewayView, lastReadingAt, missingReadings } from './view.ts';

const nothing: BackendCounters = { requests: 0, errors: 0, overloaded: 0, nonFinite: 0, latency: [] };

type CountersOf = (counters: NonNullable<GatewayState['counters']>) => BackendCounters;

/** A pod that does not say what it has counted says nothing: absent counters are none that fell to 0. */
const countedBy = ({ readings, pods }: GatewayView, countersOf: CountersOf): Counted[] =>
  readings.flatMap(({ podUid, report: { counters } }) => {
    if (!counters) return [];
    const since = processStart(pods.find(({ metadata }) => metadata.uid === podUid));
    return [{ podUid, since, ...countersOf(counters) }];
  });

/**
 * When the gateway process of the pod began, by its node's clock: the same for every operator. Our clock and Envoy's uptime
 * would give another start after each jump of either clock.
 */
function processStart(pod: ObservedPod | undefined): Instant | undefined {
  const startedAt = pod && containerOf(pod, gatewayContainer)?.state?.running?.startedAt;
  return startedAt === undefined ? undefined : parseTime(startedAt);
}

export const countsOf = (view: GatewayView): Counts => ({
  sources: view.pods
    .filter((pod) => !isTerminal(pod))
    .map(({ metadata }) => ({ uid: metadata.uid, isEnding: metadata.deletionTimestamp !== undefined })),
  at: lastReadingAt(view),
  missing: missingReadings(view),
  of: (revision) => countedBy(view, ({ backends }) => backends[revisionName(view.deployment, revision)] ?? nothing),
  unrouted: () => countedBy(view, ({ gateway }) => ({ ...nothing, ...gateway[view.deployment] })),
});
