// What a gateway pod counts is added once: a reading that comes late is no other gateway, and one that began again is.
import { expect, test } from '@jest/globals';
import { evidenceSchema, maxCountedGateways } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { revisionName } from '../names.ts';
import { beginEvidence, type Evidence, evidenceFrom, foldEvidence, keepEvidence, openEvidence } from './counters.ts';
import { gatewayPod, reading, revision, start, view } from './testing/samples.ts';

const [stable, candidate] = [revision(1).revision, revision(2).revision];

type Look = {
  /** When the answer was read, and the uptime that it tells; seconds. */
  readonly seconds: number;
  readonly uptimeSeconds: number;
  readonly requests: number;
};

/** The evidence once a gateway pod was read so. */
function look(evidence: Evidence, { seconds, uptimeSeconds, requests }: Look): Evidence {
  const backend = { requests, errors: 0, overloaded: 0, nonFinite: 0, latency: [requests] };
  const backends = { [revisionName('digits', candidate)]: backend };
  const counters = { uptimeSeconds, backends, gateway: {} };
  return foldEvidence(
    evidence,
    view({ readings: [reading(1, [], { seconds, counters })], now: start + seconds * 1000 }),
  );
}

const begun = beginEvidence(openEvidence(candidate, stable), { name: 'probe', share: 0.5, startedAt: start });
const first: Look = { seconds: 1, uptimeSeconds: 600, requests: 1000 };

test.each<[string, Look, number]>([
  ['a second later it counted ten more', { seconds: 2, uptimeSeconds: 601, requests: 1010 }, 10],
  ['an answer that is read 20 s late has the same start', { seconds: 21, uptimeSeconds: 601, requests: 1010 }, 10],
  ['a minute later, by another operator', { seconds: 61, uptimeSeconds: 660, requests: 1600 }, 600],
  ['it began again, and counted less', { seconds: 5, uptimeSeconds: 1, requests: 20 }, 20],
  ['it began again, and counted more', { seconds: 120, uptimeSeconds: 60, requests: 1500 }, 1500],
])('%s', (_, second, counted) => {
  const evidence = look(look(begun, first), second);
  expect(evidence.traffic.steps.at(-1)?.candidate.requests).toBe(counted);
});

/** The evidence once all these pods, that began after the step did, were read; kept in a status and read from there. */
function lookAtAll(
  evidence: Evidence,
  names: readonly string[],
  { seconds, requests }: { seconds: number; requests: number },
): Evidence {
  const backend = { requests, errors: 0, overloaded: 0, nonFinite: 0, latency: [requests] };
  const backends = { [revisionName('digits', candidate)]: backend };
  const gateway = { digits: { requests, errors: 1 } };
  const readings = names.map((podUid) =>
    reading(1, [], { podUid, seconds, counters: { uptimeSeconds: seconds - 10, backends, gateway } }),
  );
  const pods = names.map((name) => gatewayPod(name));
  const folded = foldEvidence(evidence, view({ pods, readings, now: start + seconds * 1000 }));
  return evidenceFrom(evidenceSchema.parse(keepEvidence(folded)), candidate, stable);
}

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `gateway-${String(index).padStart(2, '0')}`);
const countedOf = ({ traffic, unrouted }: Evidence) =>
  [traffic, unrouted].map(({ steps }) => steps.at(-1)?.candidate.requests);

test.each([1, 2, 5, maxCountedGateways, 12])('with %i gateway pods nothing is counted twice', (count) => {
  const counting = Math.min(count, maxCountedGateways);
  let evidence = begun;
  for (const seconds of [60, 61, 62, 63]) {
    evidence = lookAtAll(evidence, names(count), { seconds, requests: seconds });
    expect(countedOf(evidence)).toEqual([counting * seconds, counting * seconds]);
  }
});

test('a pod that found no room counts when another is gone', () => {
  const all = names(maxCountedGateways + 1);
  const before = lookAtAll(begun, all, { seconds: 60, requests: 100 });
  const after = lookAtAll(before, all.slice(1), { seconds: 61, requests: 110 });
  expect(countedOf(after)[0]).toBe(maxCountedGateways * 100 + (maxCountedGateways - 1) * 10 + 110);
});

test('evicted pods take no room', () => {
  const evicted = names(maxCountedGateways);
  const before = lookAtAll(begun, evicted, { seconds: 60, requests: 100 });
  const pods = [...evicted.map((name) => ({ ...gatewayPod(name), status: { phase: 'Failed' } })), gatewayPod('new')];
  const after = foldEvidence(
    before,
    view({
      pods,
      readings: [reading(1, [], { podUid: 'new', counters: { uptimeSeconds: 5, backends: {}, gateway: {} } })],
    }),
  );
  expect(new Set(after.traffic.readings.map(({ podUid }) => podUid))).toEqual(new Set(['new']));
});
