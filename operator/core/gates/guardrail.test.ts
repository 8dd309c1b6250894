// What the guardrail strikes at, and what it leaves alone.
import { expect, test } from '@jest/globals';
import { type GuardrailEvidence, judgeGuardrail } from './guardrail.ts';

const of = (successes: number, trials: number) => ({ successes, trials });

const healthy: GuardrailEvidence = {
  candidate: of(0, 40),
  stable: of(0, 760),
  unrouted: of(0, 800),
  nonFinite: { candidate: of(0, 40), stable: of(0, 760) },
  crashes: { candidate: 0, stable: 0 },
  pods: { ready: 2, wanted: 2, notReadySeconds: 0 },
};
const of2 = (ready: number) => ({ ready, wanted: 2 });
const halfReady = { ...healthy.pods, ready: 1 };
const judge = (over: Partial<GuardrailEvidence>) => judgeGuardrail({ ...healthy, ...over });

test.each<[string, Partial<GuardrailEvidence>, string]>([
  ['a burst of errors', { candidate: of(20, 30) }, '20 of 30 recent requests failed (live: 0 of 760).'],
  ['a crash loop', { crashes: { candidate: 3, stable: 0 } }, 'One of its pods ended 3 times.'],
  ['a crash loop beside a restart or two', { crashes: { candidate: 3, stable: 2 } }, 'ended 3 times'],
  ['pods that stay unready', { pods: { ...healthy.pods, ready: 1, notReadySeconds: 30 } }, '1 of 2 pods'],
  [
    'outputs that are no numbers, also when they are most errors',
    { candidate: of(20, 30), nonFinite: { candidate: of(20, 40), stable: of(0, 760) } },
    '20 of 40 answers were NaN or infinite (live: 0 of 760). Check its ModelVersion',
  ],
  ['a few outputs that are no numbers', { nonFinite: { candidate: of(3, 40), stable: of(0, 760) } }, '3 of 40'],
  ['pods that only the candidate lacks', { pods: { ...halfReady, live: of2(2), notReadySeconds: 30 } }, '1 of 2 pods'],
  [
    'a crash loop, whatever the live revision lacks',
    { pods: { ...halfReady, live: of2(0) }, crashes: { candidate: 3, stable: 0 } },
    'ended 3 times',
  ],
  [
    'a burst of errors, whatever the live revision lacks',
    { candidate: of(20, 30), pods: { ...halfReady, live: of2(1) } },
    '20 of 30 recent',
  ],
  [
    'outputs that are no numbers, whatever the live revision lacks',
    { nonFinite: { candidate: of(20, 40), stable: of(0, 760) }, pods: { ...halfReady, live: of2(0) } },
    '20 of 40',
  ],
  ['errors of the gateway itself', { unrouted: of(60, 800) }, 'gateway itself'],
])('strikes at %s', (_, over, words) => {
  const { verdict, message } = judge(over);
  expect(verdict).toBe('Fail');
  expect(message).toContain(words);
  expect(message.length).toBeLessThanOrEqual(200);
});

test.each<[string, Partial<GuardrailEvidence>]>([
  ['few errors among few requests', { candidate: of(3, 4) }],
  ['an outage that the live revision shares', { candidate: of(30, 40), stable: of(600, 760) }],
  ['a restart or two', { crashes: { candidate: 2, stable: 0 } }],
  ['a crash loop of the live revision', { crashes: { candidate: 0, stable: 4 } }],
  ['a pod that is replaced', { pods: { ...healthy.pods, ready: 1, notReadySeconds: 20 } }],
  ['one or two answers without a number', { nonFinite: { candidate: of(2, 40), stable: of(0, 760) } }],
  ['inputs that make both give NaN', { nonFinite: { candidate: of(4, 40), stable: of(80, 760) } }],
])('leaves alone %s', (_, over) => {
  expect(judge(over).verdict).toBe('Pass');
});

test('no recent request is no pass', () => {
  expect(judge({ candidate: of(0, 0) }).verdict).toBe('Inconclusive');
});

test.each([0, 1])(
  'pods that are missing like those of the live revision (%i of 2 are ready) are no pass and no failure',
  (ready) => {
    const { verdict, message } = judge({ pods: { ...halfReady, live: of2(ready) } });
    expect(verdict).toBe('Inconclusive');
    expect(message).toContain(`1 of 2 pods are ready, of the live revision ${ready} of 2.`);
  },
);

test('a crash loop that the live revision is in, too, is no pass and no failure', () => {
  const { verdict, message } = judge({ crashes: { candidate: 5, stable: 3 } });
  expect(verdict).toBe('Inconclusive');
  expect(message).toContain('A pod ended 5 times, of the live revision 3 times.');
});

test('enough pods are no loss to share', () => {
  expect(judge({ pods: { ...healthy.pods, live: of2(0) } }).verdict).toBe('Pass');
});
