// What a gateway pod counts is added once, whoever restarts, in whatever order it is seen, and whatever clocks say.
import { describe, expect, test } from '@jest/globals';
import { evidenceSchema, maxCountedGateways } from '@sluice/crds/v1alpha1/rollout-status.ts';
import fc from 'fast-check';
import { gatewayContainer } from '../../gateway/children.ts';
import type { GatewayReading } from '../../gateway/observed.ts';
import { revisionName } from '../../names.ts';
import type { ObservedPod } from '../../pods/observed.ts';
import { at, gatewayPod, reading, revision, start, traffic } from '../testing/samples.ts';
import { beginEvidence, type Evidence, evidenceFrom, foldEvidence, keepEvidence, openEvidence } from './counters.ts';

const [stable, candidate] = [revision(1).revision, revision(2).revision];
const begun = beginEvidence(openEvidence(candidate, stable), { name: 'probe', share: 0.5, startedAt: start });

/** A gateway pod that shows since when its process runs, by its node's clock: seconds after the start. */
const podOf = (process: number | undefined, name = 'gateway-1'): ObservedPod => {
  const pod = gatewayPod(name);
  if (process === undefined) return pod;
  const container = { name: gatewayContainer, state: { running: { startedAt: at(process) } } };
  return { ...pod, status: { ...pod.status, containerStatuses: [container] } };
};

/** A gateway pod's answer, read when the operator's clock shows so many seconds after the start. */
function readingOf(requests: number, now: number, podUid = 'gateway-1'): GatewayReading {
  const backend = { requests, errors: 0, overloaded: 0, nonFinite: 0, latency: [requests] };
  const backends = { [revisionName('digits', candidate)]: backend };
  return reading(1, [], { podUid, seconds: now, counters: { backends, gateway: { digits: { requests, errors: 1 } } } });
}

/** The evidence after a look at these pods; kept in a status and read from there. */
function lookAt(evidence: Evidence, pods: readonly ObservedPod[], readings: readonly GatewayReading[], now: number) {
  const folded = foldEvidence(evidence, traffic({ pods, readings, now: start + now * 1000 }));
  return evidenceFrom(evidenceSchema.parse(keepEvidence(folded)), candidate, stable);
}

const countedOf = ({ traffic, unrouted }: Evidence) =>
  [traffic, unrouted].map(({ steps }) => steps.at(-1)?.candidate.requests);

type Look = {
  /** The process that the pod shows. */
  readonly process?: number;
  /** What it answers. */
  readonly requests: number;
  /** The operator's clock. */
  readonly now?: number;
};

const look = (evidence: Evidence, { process, requests, now = 1 }: Look): Evidence =>
  lookAt(evidence, [podOf(process)], [readingOf(requests, now)], now);

const [first, second] = [5, 50];

describe('of a gateway pod that had counted 1000 requests', () => {
  const known = look(begun, { process: first, requests: 1000 });

  test.each<[string, readonly Look[], number]>([
    ['what it counted before anyone read it is no evidence', [], 0],
    ['a second later it counted ten more', [{ process: first, requests: 1010, now: 2 }], 10],
    ['the clock of the next leader is an hour ahead', [{ process: first, requests: 1010, now: 3600 }], 10],
    ['the clock of the next leader is an hour behind', [{ process: first, requests: 1010, now: -3600 }], 10],
    ['it began again, and counted less', [{ process: second, requests: 20 }], 20],
    [
      'it began again, as its counters show before the pod does',
      [
        { process: first, requests: 20 },
        { process: second, requests: 25 },
        { process: second, requests: 30 },
      ],
      25,
    ],
    [
      'it began again, as the pod shows before its counters do',
      [
        { process: second, requests: 1000 },
        { process: second, requests: 20 },
      ],
      20,
    ],
    [
      'it began again, and has counted more than before when it is read: nobody knows what of it is new',
      [
        { process: second, requests: 1500 },
        { process: second, requests: 1510 },
      ],
      10,
    ],
    [
      'it began again and counted more, which the pod shows even later',
      [
        { process: first, requests: 1500 },
        { process: second, requests: 1600 },
      ],
      500,
    ],
    ['the pod does not show its process for a while', [{ requests: 1010 }, { process: first, requests: 1020 }], 20],
  ])('%s', (_, looks, counted) => {
    expect(countedOf(looks.reduce(look, known))).toEqual([counted, counted]);
  });
});

/** What happens to a gateway pod: requests, a restart, and when each of it is seen. */
const event = fc.oneof(
  fc.record({ type: fc.constant('requests' as const), count: fc.nat({ max: 40 }) }),
  fc.record({ type: fc.constantFrom('restart', 'pod is seen', 'pod is read') }),
  fc.record({ type: fc.constant('look' as const), clock: fc.integer({ min: -7200, max: 7200 }) }),
);
type Event = typeof event extends fc.Arbitrary<infer Each> ? Each : never;

/** @param clockOf the clock of the operator that looks. @returns the evidence, and what a look can know at most. */
function play(events: readonly Event[], clockOf: (clock: number) => number) {
  const node = { process: 0, requests: 0, served: 0 };
  const seen = { process: 0, requests: 0, served: 0 };
  const served: number[] = [];
  let evidence = begun;
  for (const [second, each] of events.entries()) {
    if (each.type === 'requests') {
      node.requests += each.count;
      node.served += each.count;
    }
    if (each.type === 'restart') Object.assign(node, { process: second + 1, requests: 0 });
    if (each.type === 'pod is seen') seen.process = node.process;
    if (each.type === 'pod is read') Object.assign(seen, { requests: node.requests, served: node.served });
    if (each.type === 'look') {
      const now = clockOf(each.clock);
      evidence = look(evidence, { process: seen.process, requests: seen.requests, now });
      served.push(seen.served);
    }
  }
  const known = (served.at(-1) ?? 0) - (served[0] ?? 0);
  return { evidence, known, counted: evidence.traffic.steps.at(-1)?.candidate.requests };
}

describe('whatever happens to a gateway pod, in whatever order it is seen', () => {
  const events = fc.array(event, { maxLength: 40 });

  test('operators with other clocks come to the same ledger', () => {
    fc.assert(
      fc.property(events, (each) => {
        const [right, wrong] = [play(each, () => 0), play(each, (clock) => clock)];
        const ledgerOf = ({ evidence: { traffic, unrouted } }: typeof right) =>
          [traffic, unrouted].map(({ steps, readings }) => ({ steps, readings }));
        expect(ledgerOf(wrong)).toEqual(ledgerOf(right));
      }),
    );
  });

  test('no request is counted twice, and without a restart none is missed', () => {
    fc.assert(
      fc.property(events, (each) => {
        const { counted, known } = play(each, (clock) => clock);
        expect(counted).toBeLessThanOrEqual(known);
        if (each.every(({ type }) => type !== 'restart')) expect(counted).toBe(known);
      }),
    );
  });
});

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `gateway-${String(index).padStart(2, '0')}`);

/** The evidence once each of these pods was read with so many requests. */
const lookAtAll = (evidence: Evidence, pods: readonly string[], requests: number): Evidence =>
  lookAt(
    evidence,
    pods.map((name) => podOf(first, name)),
    pods.map((name) => readingOf(requests, 60, name)),
    60,
  );

describe('of many gateway pods', () => {
  test.each([1, 2, 5, maxCountedGateways, 12])('%i count nothing twice', (count) => {
    const counting = Math.min(count, maxCountedGateways);
    let evidence = lookAtAll(begun, names(count), 60);
    for (const more of [1, 2, 3]) {
      evidence = lookAtAll(evidence, names(count), 60 + more);
      expect(countedOf(evidence)).toEqual([counting * more, counting * more]);
    }
  });

  test('one that found no room counts when another is gone', () => {
    const all = names(maxCountedGateways + 1);
    const before = lookAtAll(begun, all, 100);
    const without = lookAtAll(before, all.slice(1), 110);
    expect(countedOf(without)[0]).toBe((maxCountedGateways - 1) * 10);
    expect(countedOf(lookAtAll(without, all.slice(1), 111))[0]).toBe((maxCountedGateways - 1) * 11 + 1);
  });

  test('those that were evicted take no room', () => {
    const evicted = names(maxCountedGateways);
    const before = lookAtAll(begun, evicted, 100);
    const pods = [...evicted.map((name) => ({ ...gatewayPod(name), status: { phase: 'Failed' } })), gatewayPod('new')];
    const after = lookAt(before, pods, [readingOf(0, 61, 'new')], 61);
    expect(new Set(after.traffic.readings.map(({ podUid }) => podUid))).toEqual(new Set(['new']));
  });
});
