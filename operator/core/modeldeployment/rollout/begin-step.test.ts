// A step is one step, however often its live revision goes away and comes back.
import { expect, test } from '@jest/globals';
import { revisionName } from '../../names.ts';
import { gatewayPod, reading, revision, start, traffic } from '../testing/samples.ts';
import { beginOrGoOn } from './begin-step.ts';
import { type Evidence, foldEvidence, openEvidence } from './counters.ts';
import { beginInterlude } from './guardrail-only.ts';

const [stable, candidate] = [revision(1).revision, revision(2).revision];
let counted = 0;

/** After the next reading, in which the gateway has counted so many more of the candidate's requests. */
function count(evidence: Evidence, requests: number): Evidence {
  counted += requests;
  const backend = { requests: counted, errors: 0, overloaded: 0, nonFinite: 0, latency: [counted] };
  const counters = { backends: { [revisionName('digits', candidate)]: backend }, gateway: {} };
  return foldEvidence(evidence, traffic({ pods: [gatewayPod()], readings: [reading(1, [], { counters })] }));
}

/** A time with this share, begun so many seconds after the start, with so many requests in it. */
function spend(kept: Evidence, { share = 0.1, name = 'probe', at = 0, requests = 0 }): Evidence {
  const now = start + at * 1000;
  const begun = count(beginOrGoOn(kept, { name, share, now }), 1000);
  return count(begun, requests);
}

const stepsOf = ({ traffic }: Evidence) =>
  traffic.steps.map(({ name, share, startedAt, candidate: { requests } }) => [
    ...[name, share, (startedAt - start) / 1000, requests],
  ]);

const beside = spend(openEvidence(candidate, stable), { requests: 10 });
const without = spend(beside, { share: 1, at: 60, requests: 20 });
const besideAgain = spend(without, { at: 120, requests: 5 });

test('its time goes on without the live revision; gates and samples are others', () => {
  expect(stepsOf(without)).toEqual([
    ['probe', 0.1, 0, 10],
    ['probe', 1, 0, 20],
  ]);
});

test('it has two entries, each of which goes on when it is its turn, without what came meanwhile', () => {
  expect(stepsOf(besideAgain)).toEqual([
    ['probe', 1, 0, 20],
    ['probe', 0.1, 0, 15],
  ]);
  expect(stepsOf(spend(besideAgain, { share: 1, at: 180, requests: 7 }))).toEqual([
    ['probe', 0.1, 0, 15],
    ['probe', 1, 0, 27],
  ]);
});

test('after an interlude the same goes on', () => {
  const waited = count(beginInterlude(beside, { name: 'probe', share: 1, startedAt: start + 30_000 }), 40);
  expect(stepsOf(spend(waited, { at: 40, requests: 1 }))).toEqual([['probe', 0.1, 0, 11]]);
});

test.each<[string, { name?: string; share: number }]>([
  ['another step', { name: 'half', share: 0.5 }],
  ['another weight of the step', { share: 0.2 }],
])('%s begins anew', (_what, next) => {
  expect(stepsOf(spend(beside, { ...next, at: 60 })).at(-1)).toEqual([next.name ?? 'probe', next.share, 60, 0]);
});
