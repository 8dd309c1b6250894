// What the Job controller says of a pod that is not taken, and until when it counts.
import { describe, expect, test } from '@jest/globals';
import { formatTime, mergeConditions } from '../../conditions.ts';
import { refusedConditions } from '../../refusals.ts';
import type { ObservedJob } from '../observed.ts';
import { askAgainAfterMs, firstAskInMs, type ObservedEvent, refusedPod, wantsPod } from './refused-pod.ts';

const start = Date.parse('2026-01-05T10:00:00Z');
const at = (seconds: number) => formatTime(start + seconds * 1000);
const job = (changes: Partial<ObservedJob> = {}): ObservedJob => ({
  metadata: { name: 'digits.a-1', uid: 'j', creationTimestamp: at(0) },
  ...changes,
});
const condition = (type: string, status: string, seconds = 0) => ({ type, status, lastTransitionTime: at(seconds) });
/** As kube-controller-manager writes it: by the older API. */
const event = (note: string, seconds = 1): ObservedEvent => ({
  note: `Error creating: ${note}`,
  eventTime: null,
  deprecatedLastTimestamp: at(seconds),
  metadata: { creationTimestamp: at(0) },
});
const quota =
  'pods "digits.a-1-x7k2p" is forbidden: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0';

describe('a pod that is not taken', () => {
  test.each<[string, string, string]>([
    [
      'a quota',
      quota,
      'exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0. Raise the ResourceQuota, or ask for less.',
    ],
    [
      'a policy',
      `pods "digits.a-1-x7k2p" is forbidden: ValidatingAdmissionPolicy 'team' with binding 'team' denied request: name your team`,
      "ValidatingAdmissionPolicy 'team' with binding 'team' denied request: name your team. Meet that policy, or exempt Sluice from it.",
    ],
    [
      'a webhook that names the pod',
      'admission webhook "w.example.com" denied the request: pod digits.a-1-x7k2p has no team',
      'admission webhook "w.example.com" denied the request: pod digits.a-1 has no team. Meet that policy, or exempt Sluice from it.',
    ],
    [
      'a webhook that is away',
      'Internal error occurred: failed calling webhook "w.example.com": no endpoints available',
      'failed calling webhook "w.example.com": no endpoints available. Repair that webhook, or delete its configuration.',
    ],
    [
      'Pod Security',
      'pods "digits.a-1-x7k2p" is forbidden: violates PodSecurity "restricted:latest": restricted volume types',
      `violates PodSecurity "restricted:latest": restricted volume types. Relax the namespace's Pod Security, or report it.`,
    ],
    [
      'a ServiceAccount that is missing',
      'pods "digits.a-1-x7k2p" is forbidden: error looking up service account ml/robot: serviceaccount "robot" not found',
      'error looking up service account ml/robot: serviceaccount "robot" not found. Create what is missing.',
    ],
    [
      'a PriorityClass that is missing',
      'pods "digits.a-1-x7k2p" is forbidden: no PriorityClass with name high was found',
      'no PriorityClass with name high was found. Create what is missing.',
    ],
    [
      'a LimitRange',
      'pods "digits.a-1-x7k2p" is forbidden: maximum memory usage per Container is 64Mi, but limit is 1Gi',
      'maximum memory usage per Container is 64Mi, but limit is 1Gi. Ask for what the LimitRange allows, or change it.',
    ],
    [
      'a security context constraint',
      'pods "digits.a-1-x7k2p" is forbidden: unable to validate against any security context constraint: []',
      "unable to validate against any security context constraint: []. Grant the pod's ServiceAccount an SCC that fits, or report it.",
    ],
  ])('is told with the words and a remedy: %s', (_, said, expected) => {
    const refusals = [refusedPod(job(), [event(said)]) ?? []].flat();
    const before = [{ type: 'Ready', status: 'False', reason: 'PodPending', message: 'no pod' }] as const;
    const moment = { generation: 1, now: start };
    const planned = mergeConditions(undefined, before, moment);
    const told = refusedConditions({ previous: undefined, planned }, refusals, moment);
    expect(told?.map(({ type, reason }) => `${type}/${reason}`)).toEqual([
      'Ready/ChildRefused',
      'Reconciling/ChildRefused',
      'ChildRefused/ChildRefused',
    ]);
    expect(new Set(told?.map(({ message }) => message))).toEqual(new Set([`pod of Job digits.a-1: ${expected}`]));
  });

  test('is told by the newest event, however its time is written', () => {
    const repeated = {
      note: '(combined from similar events): Error creating: newest',
      series: { lastObservedTime: '2026-01-05T10:00:09.123456Z' },
      eventTime: '2026-01-05T10:00:01.000000Z',
      metadata: { creationTimestamp: at(1) },
    };
    const newer = { note: 'newer', eventTime: '2026-01-05T10:00:05.000000Z', metadata: { creationTimestamp: at(5) } };
    const bare = { note: 'bare', metadata: { creationTimestamp: at(3) } };
    const said = (...events: ObservedEvent[]) => refusedPod(job(), events)?.said;
    expect(said(event(quota), bare, newer, repeated)).toBe('newest');
    expect(said(newer, event(quota), bare)).toBe('newer');
    expect(said(event(quota), bare)).toBe('bare');
  });

  const resumed = job({ status: { conditions: [condition('Suspended', 'False', 60)] } });
  test.each<[string, ObservedJob, readonly ObservedEvent[], number | undefined]>([
    ['without an event', job(), [], undefined],
    ['by an event without words', job(), [{ metadata: { creationTimestamp: at(5) } }], undefined],
    ['by what was said before a pod was there', job(), [event(quota, 20)], start + 21_000],
    ['by what was said before a queue held the Job back', resumed, [event(quota, 59)], undefined],
  ])('is not told %s', (_, of, events, seenAt) => {
    expect(refusedPod(of, events, seenAt)).toBeUndefined();
  });

  test('is told again when it was said after the pod was there', () => {
    expect(refusedPod(job(), [event(quota, 22)], start + 21_000)).toMatchObject({ name: 'digits.a-1' });
    expect(refusedPod(resumed, [event(quota, 60)])).toMatchObject({ kind: 'pod of Job' });
  });
});

describe('a Job', () => {
  test.each<[string, boolean, Partial<ObservedJob>]>([
    ['that was just made', true, {}],
    ['that went on', true, { status: { conditions: [condition('Suspended', 'False')] } }],
    ['that is held back', false, { spec: { suspend: true } }],
    ['that is still being held back', false, { status: { conditions: [condition('Suspended', 'True')] } }],
    ['that is done', false, { status: { conditions: [condition('Complete', 'True')] } }],
    ['that failed', false, { status: { conditions: [condition('Failed', 'True')] } }],
    [
      'that is being deleted',
      false,
      { metadata: { name: 'a', uid: 'j', creationTimestamp: at(0), deletionTimestamp: at(1) } },
    ],
  ])('%s wants a pod: %p', (_, wants, changes) => {
    expect(wantsPod(job(changes))).toBe(wants);
  });

  test.each([
    [0, 3_000, 5_000],
    [3, 0, 5_000],
    [40, 0, 10_000],
    [900, 0, 30_000],
  ])('is asked about in its turn after %p seconds', (seconds, first, again) => {
    const now = start + seconds * 1000;
    expect([firstAskInMs(job(), now), askAgainAfterMs(job(), now)]).toEqual([first, again]);
  });
});
