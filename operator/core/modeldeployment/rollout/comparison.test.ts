// With what a candidate is compared, by the pods of both revisions, what gateways find, and since when one is away.
import { expect, test } from '@jest/globals';
import type { KeptStep } from '../../gates/ledger.ts';
import { revisionName } from '../../names.ts';
import type { ObservedWorkload } from '../observed.ts';
import { gatewayPod, observe, reading, record, revision, start, traffic, workload } from '../testing/samples.ts';
import { type Comparison, comparisonOf } from './comparison.ts';

const now = start + 60_000;
const live = revisionName('digits', revision(1).revision);

/** What two gateway pods find of the live revision; undefined: the pod's last answer is old. */
const found = (...pods: (readonly number[] | undefined)[]) =>
  traffic({
    now,
    pods: pods.map((_, index) => gatewayPod(`gateway-${index}`)),
    readings: pods.map((numbers, index) =>
      reading(1, numbers ?? [], {
        podUid: `gateway-${index}`,
        seconds: numbers ? 60 : 40,
        ...(numbers?.length === 0 || !numbers ? { hosts: { [live]: 0 } } : {}),
      }),
    ),
  });

const compared = (workloads: readonly ObservedWorkload[], gateways = found([1, 2], [1, 2])) => ({
  ...{
    observed: observe({ workloads }),
    candidate: record(2),
    stable: record(1),
    traffic: gateways,
    now,
    before: undefined,
  },
});

const none = { requests: 0, errors: 0, latency: '' };
const kept = (name: string, share: number, changes: Partial<KeptStep> = {}): KeptStep => ({
  ...{ name, share, startedAt: now - 300_000, candidate: none, stable: none, ...changes },
});
const probe = kept('probe', 0.1);
const waits = (seconds: number, share = 1) =>
  kept('probe', share, { guardrailOnly: true, startedAt: now - seconds * 1000 });

const away = [workload(1, 0), workload(2)];

test.each<[string, ObservedWorkload[], KeptStep[], Comparison]>([
  ['one live pod of two is ready', [workload(1, 1), workload(2)], [probe], 'Live'],
  ['live pods are back', [workload(1), workload(2)], [probe, waits(99)], 'Live'],
  ['no live pod is ready for the first time', away, [probe], 'Nothing'],
  ['no live pod is ready for a moment', away, [probe, waits(29)], 'Nothing'],
  ['no live pod is ready for 30 s', away, [probe, waits(30)], 'Last'],
  ['its Deployment was deleted 30 s ago', [workload(2)], [probe, waits(30)], 'Last'],
  ['it was away since the step began', away, [waits(30)], 'Last'],
  ['only the weight was on its way for long', away, [probe, waits(99, 0.1)], 'Nothing'],
  ['it was away in another step', away, [kept('half', 0.5), { ...waits(99), name: 'half' }], 'Nothing'],
  ['the step without it goes on', away, [probe, kept('probe', 1)], 'Last'],
  ['no pod of either is ready', [workload(1, 0), workload(2, 0)], [probe, waits(99)], 'Nothing'],
])('when %s', (_what, workloads, steps, comparison) => {
  expect(comparisonOf(compared(workloads), steps, 'probe')).toBe(comparison);
});

test.each<[string, ReturnType<typeof found>, Comparison]>([
  ['one gateway pod says that it finds none of them', found([1, 2], []), 'Nothing'],
  ['one gateway pod is silent and found none before', found([1, 2], undefined), 'Live'],
  ['one gateway pod does not say it of that backend', found([1, 2], [2]), 'Live'],
])('when live pods are ready, and %s', (_what, gateways, comparison) => {
  expect(comparisonOf(compared([workload(1), workload(2)], gateways), [probe], 'probe')).toBe(comparison);
});
