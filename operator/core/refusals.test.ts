// What is said of children that the apiserver does not take.
import { describe, expect, test } from '@jest/globals';
import type { Condition } from '@sluice/crds/fragments.ts';
import fc from 'fast-check';
import { mergeConditions, type Statement, secondsToStalled } from './conditions.ts';
import { type Refusal, refusalEvents, refusedConditions } from './refusals.ts';

const start = Date.parse('2026-01-05T10:00:00Z');
const at = (seconds: number) => ({ generation: 1, now: start + seconds * 1000 });
const conditions = (...statements: Statement[]) => mergeConditions(undefined, statements, at(0));
const state = (type: string, status: Statement['status'], reason: Statement['reason'], message = ''): Statement => ({
  type,
  status,
  reason,
  message,
});
const brief = (all: readonly Condition[] | undefined) =>
  all?.map((each) => `${each.type}=${each.status}/${each.reason}`);

const refused = (said: string, kind = 'Job', name = 'digits-1'): Refusal => ({ kind, name, said });
const quota = refused(
  'jobs.batch "digits-1" is forbidden: exceeded quota: few, requested: count/jobs.batch=1, used: 0, limited: 0',
);
const waiting = conditions(state('Ready', 'False', 'PodPending'), state('Reconciling', 'True', 'PodPending'));
const sayAll = (
  planned: readonly Condition[],
  refusals: readonly Refusal[],
  previous?: readonly Condition[],
  seconds = 0,
) => refusedConditions({ previous, planned }, refusals, at(seconds));

describe('what a child was refused for', () => {
  test.each<[string, string, string]>([
    [
      'a quota',
      quota.said,
      'Job digits-1: exceeded quota: few, requested: count/jobs.batch=1, used: 0, limited: 0. Raise the ResourceQuota, or ask for less.',
    ],
    [
      'a quota that wants limits',
      'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: fetch',
      'Job digits-1: failed quota: q: must specify limits.cpu for: fetch. Raise the ResourceQuota, or ask for less.',
    ],
    [
      'a policy',
      `deployments.apps "a" is forbidden: ValidatingAdmissionPolicy 'team' with binding 'team' denied request: a team is missing`,
      "Job digits-1: ValidatingAdmissionPolicy 'team' with binding 'team' denied request: a team is missing. Meet that policy, or exempt Sluice from it.",
    ],
    [
      'a webhook that says no',
      'admission webhook "label.example.com" denied the request: no team',
      'Job digits-1: admission webhook "label.example.com" denied the request: no team. Meet that policy, or exempt Sluice from it.',
    ],
    [
      'a webhook that is not there',
      'Internal error occurred: failed calling webhook "a.b.c": failed to call webhook: Post "https://x.y.svc:443/?timeout=1s": dial tcp 10.0.0.9:443: connect: connection refused',
      'Job digits-1: failed calling webhook "a.b.c": failed to call webhook: Post "https://x.y.svc:443/?timeout=1s": dial tcp 10.0.0.9:443: connect:… Repair that webhook, or delete its configuration.',
    ],
    [
      'a right',
      'jobs.batch is forbidden: User "system:serviceaccount:s:o" cannot create resource "jobs" in API group "batch" in the namespace "ml"',
      `Job digits-1: jobs.batch is forbidden: User "system:serviceaccount:s:o" cannot create resource "jobs" in API group "batch" in the… Give the operator this right: see the chart's ClusterRole.`,
    ],
    [
      'a namespace that goes',
      'jobs.batch "a" is forbidden: unable to create new content in namespace ml because it is being terminated',
      'Job digits-1: unable to create new content in namespace ml because it is being terminated. Its namespace is being deleted: wait, or use another.',
    ],
    [
      'a field',
      'Deployment.apps "a" is invalid: spec.template.spec.tolerations[0].key: Invalid value: "x": name part must be no more than 63 bytes',
      'Job digits-1: spec.template.spec.tolerations[0].key: Invalid value: "x": name part must be no more than 63 bytes. Make it smaller.',
    ],
    [
      'a size',
      'Request entity too large: limit is 3145728',
      'Job digits-1: Request entity too large: limit is 3145728. Make it smaller.',
    ],
  ])('is said with its words and a remedy: %s', (_, said, expected) => {
    const mark = sayAll(waiting, [refused(said)])?.find(({ type }) => type === 'ChildRefused');
    expect(mark?.message).toBe(expected);
  });

  test('is said of every child, those with the same words together', () => {
    const team = "ValidatingAdmissionPolicy 'team' denied request: no team";
    const refusals = [refused(team, 'Deployment', 'a-1'), quota, refused(team, 'Service', 'a-1')];
    const message = sayAll(waiting, refusals)?.find(({ type }) => type === 'ChildRefused')?.message ?? '';
    for (const part of ['Deployment a-1', 'Service a-1', 'Job digits-1', 'exceeded quota'])
      expect(message).toContain(part);
    expect(refusalEvents(undefined, refusals).map(({ message }) => message)).toEqual([
      expect.stringContaining('Deployment a-1, Service a-1: ValidatingAdmissionPolicy'),
      expect.stringContaining('Job digits-1: exceeded quota'),
    ]);
  });

  test('fits into a condition, whatever is said of however many', () => {
    const any = fc.record({
      kind: fc.constantFrom('Job', 'Deployment'),
      name: fc.string(),
      said: fc.string({ unit: 'binary', maxLength: 500 }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (refusals) => {
        const messages = [...(sayAll(waiting, refusals) ?? []), ...refusalEvents(undefined, refusals)];
        for (const { message } of messages) expect(message.length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('an object with a child that was refused', () => {
  test('waits for a minute, is Stalled then, and is as planned when the cause is gone', () => {
    const first = sayAll(waiting, [quota]);
    expect(brief(first)).toEqual([
      'Ready=False/ChildRefused',
      'Reconciling=True/ChildRefused',
      'ChildRefused=True/ChildRefused',
    ]);
    expect(secondsToStalled([...(first ?? [])], at(20).now)).toBe(40);
    expect(brief(sayAll(waiting, [quota], first, 59))).toEqual(brief(first));
    const later = sayAll(waiting, [quota], first, 60);
    expect(brief(later)).toEqual([
      'Ready=False/ChildRefused',
      'Stalled=True/ChildRefused',
      'ChildRefused=True/ChildRefused',
    ]);
    expect(sayAll(waiting, [], later, 61)).toEqual(waiting);
  });

  test('is told of once', () => {
    const first = sayAll(waiting, [quota]);
    expect(refusalEvents(undefined, [quota])).toHaveLength(1);
    expect(refusalEvents(first, [quota])).toEqual([]);
  });

  test.each<[string, Statement[], string[]]>([
    [
      'serves',
      [
        state('Available', 'True', 'Serving'),
        state('Ready', 'True', 'StableServes'),
        state('Reconciling', 'True', 'WarmingUp'),
        state('Progressing', 'True', 'WarmingUp'),
      ],
      [
        'Available=True/Serving',
        'Ready=True/StableServes',
        'Progressing=False/ChildRefused',
        'ChildRefused=True/ChildRefused',
      ],
    ],
    [
      'has failed',
      [state('Ready', 'False', 'BundleCorrupt'), state('Stalled', 'True', 'BundleCorrupt')],
      ['Ready=False/BundleCorrupt', 'Stalled=True/BundleCorrupt', 'ChildRefused=True/ChildRefused'],
    ],
    [
      'waits for a person',
      [state('Ready', 'Unknown', 'Suspended')],
      ['Ready=Unknown/Suspended', 'ChildRefused=True/ChildRefused'],
    ],
    [
      'does not serve yet',
      [
        state('Available', 'False', 'NothingServes'),
        state('Ready', 'False', 'WarmingUp'),
        state('Reconciling', 'True', 'WarmingUp'),
        state('Progressing', 'True', 'WarmingUp'),
      ],
      [
        'Ready=False/ChildRefused',
        'Reconciling=True/ChildRefused',
        'Available=False/NothingServes',
        'Progressing=False/ChildRefused',
        'ChildRefused=True/ChildRefused',
      ],
    ],
  ])('that %s', (_, statements, expected) => {
    expect(brief(sayAll(conditions(...statements), [refused('no', 'Deployment', 'a')]))).toEqual(expected);
  });

  test('goes on when only its disruption budget was refused', () => {
    const moving = conditions(
      state('Ready', 'True', 'StableServes'),
      state('Reconciling', 'True', 'Stepping'),
      state('Progressing', 'True', 'Stepping'),
    );
    expect(brief(sayAll(moving, [refused('no', 'PodDisruptionBudget', 'a')]))).toEqual([
      'Ready=True/StableServes',
      'Reconciling=True/Stepping',
      'Progressing=True/Stepping',
      'ChildRefused=True/ChildRefused',
    ]);
  });
});

describe('a cause that may pass by itself', () => {
  const missing = (reason: 'StorageMissing' | 'NameTaken' = 'StorageMissing'): Statement[] => [
    state('Ready', 'False', reason),
    { ...state('Stalled', 'True', reason), mayPass: true },
  ];
  const after = (previous: Condition[] | undefined, seconds: number, statements = missing()) =>
    mergeConditions(previous, statements, at(seconds));

  test('is told at once, as Stalled only when it has stood for a minute, however often it is looked at', () => {
    let told: Condition[] | undefined;
    for (let seconds = 0; seconds < 60; seconds += 1) {
      told = after(told, seconds);
      expect(brief(told)).toEqual(['Ready=False/StorageMissing', 'Reconciling=True/StorageMissing']);
    }
    told = after(told, 60);
    expect(brief(told)).toEqual(['Ready=False/StorageMissing', 'Stalled=True/StorageMissing']);
    expect(brief(after(told, 61))).toEqual(brief(told));
  });

  test('counts from its own beginning, not from that of the wait before it', () => {
    const moving = mergeConditions(undefined, [state('Reconciling', 'True', 'PodPending')], at(0));
    expect(brief(after(moving, 300))).toContain('Reconciling=True/StorageMissing');
    const other = after(after(moving, 300), 350, missing('NameTaken'));
    expect(brief(after(other, 405, missing('NameTaken')))).toContain('Reconciling=True/NameTaken');
    expect(brief(after(other, 410, missing('NameTaken')))).toContain('Stalled=True/NameTaken');
  });

  test('stays as it was told before this rule: Stalled', () => {
    const before = mergeConditions(undefined, [state('Stalled', 'True', 'StorageMissing')], at(0));
    expect(brief(after(before, 1))).toContain('Stalled=True/StorageMissing');
  });

  test('is never told as both, and what is judged is Stalled at once', () => {
    const both = [state('Reconciling', 'True', 'PodPending'), ...missing()];
    expect(brief(after(undefined, 0, both))).toEqual(['Ready=False/StorageMissing', 'Reconciling=True/StorageMissing']);
    expect(brief(after(undefined, 0, [state('Stalled', 'True', 'BundleCorrupt')]))).toEqual([
      'Stalled=True/BundleCorrupt',
    ]);
  });
});
