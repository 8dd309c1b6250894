// What comes while no gate can judge is seen by the guardrail, and is in no step afterwards.
import { expect, test } from '@jest/globals';
import { evidenceSchema } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { revisionName } from '../../names.ts';
import { gatewayPod, reading, revision, start, traffic } from '../testing/samples.ts';
import { beginEvidence, type Evidence, evidenceFrom, foldEvidence, keepEvidence, openEvidence } from './counters.ts';
import { beginInterlude, endInterlude } from './guardrail-only.ts';

const [stable, candidate] = [revision(1).revision, revision(2).revision];
const probe = { name: 'probe', share: 0.5, startedAt: start };

/** After a look at which the gateway has counted so many requests, of the candidate and of those that it failed itself. */
function look(evidence: Evidence, requests: number): Evidence {
  const backend = { requests, errors: 0, overloaded: 0, nonFinite: 0, latency: [requests] };
  const backends = { [revisionName('digits', candidate)]: backend };
  const counters = { backends, gateway: { digits: { requests, errors: requests } } };
  const folded = foldEvidence(evidence, traffic({ pods: [gatewayPod()], readings: [reading(1, [], { counters })] }));
  return evidenceFrom(evidenceSchema.parse(keepEvidence(folded)), candidate, stable);
}

const stepsOf = ({ traffic }: Evidence) =>
  traffic.steps.map(({ name, candidate, guardrailOnly = false }) => [name, candidate.requests, guardrailOnly]);
const failedOf = ({ unrouted }: Evidence) => unrouted.steps.at(-1)?.candidate.errors;

const stepped = look(look(beginEvidence(openEvidence(candidate, stable), probe), 1000), 1010);
const waited = look(beginInterlude(stepped, { ...probe, startedAt: start + 5000 }), 1030);
const resumed = look(endInterlude(waited), 1100);

test('all that comes is counted apart, from the last readings on', () => {
  expect(stepsOf(waited)).toEqual([
    ['probe', 10, false],
    ['probe', 20, true],
  ]);
  expect(failedOf(waited)).toBe(20);
  const looked = look(beginInterlude(waited, { ...probe, startedAt: start + 9000 }), 1050);
  expect(stepsOf(looked).at(-1)).toEqual(['probe', 40, true]);
});

test('the step goes on as it was, from the next reading on; what the gateway itself fails is always seen', () => {
  expect(stepsOf(resumed)).toEqual([['probe', 10, false]]);
  expect(failedOf(resumed)).toBe(90);
  expect(stepsOf(look(resumed, 1105))).toEqual([['probe', 15, false]]);
});

test('when it is for another reason, what was counted stays, and the time begins anew', () => {
  const away = look(beginInterlude(waited, { ...probe, share: 1, startedAt: start + 9000 }), 1050);
  expect(stepsOf(away)).toEqual([
    ['probe', 10, false],
    ['probe', 40, true],
  ]);
  expect(away.traffic.steps.at(-1)).toMatchObject({ share: 1, startedAt: start + 9000 });
  expect(away.traffic.marks).toEqual(waited.traffic.marks);
});

test('nothing ends that has not begun', () => {
  expect(endInterlude(stepped)).toEqual(stepped);
});
