// What a gateway pod counts is added once: a reading that comes late is no other gateway, and one that began again is.
import { expect, test } from '@jest/globals';
import { revisionName } from '../names.ts';
import { beginEvidence, type Evidence, foldEvidence, openEvidence } from './counters.ts';
import { reading, revision, start, view } from './testing/samples.ts';

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
