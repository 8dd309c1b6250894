// How each state and end of an evaluation is understood.
import { describe, expect, test } from '@jest/globals';
import type { EvaluationCounts } from '@sluice/crds/evaluation-contract.ts';
import { parseTime } from '../conditions.ts';
import type { ContainerEnd, ObservedContainer, ObservedJob, ObservedPod } from '../pods/observed.ts';
import { evaluator } from './evaluator.ts';
import { readEvaluation } from './reading.ts';

const startTime = '2026-01-05T10:00:00Z';
const at = (seconds: number) => parseTime(startTime) + seconds * 1000;
const job = (type?: 'Complete' | 'Failed', reason?: string): ObservedJob => ({
  metadata: { name: 'digits-b21d0-1a2b3c4d', uid: 'j', creationTimestamp: startTime },
  status: type && { conditions: [{ type, status: 'True', reason, lastTransitionTime: startTime }] },
});
const pod = (status: ObservedPod['status'] = {}, ownerUid = 'j'): ObservedPod => ({
  metadata: {
    name: 'digits-b21d0-1a2b3c4d-x',
    uid: `pod-of-${ownerUid}`,
    creationTimestamp: startTime,
    ownerReferences: [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'digits-b21d0-1a2b3c4d', uid: ownerUid, controller: true },
    ],
  },
  status: { phase: 'Pending', ...status },
});
const container = (state: ObservedContainer['state']) => ({
  containerStatuses: [{ name: evaluator.container, state }],
});
const ended = (end: ContainerEnd, status: ObservedPod['status'] = {}) =>
  pod({ phase: end.exitCode === 0 ? 'Succeeded' : 'Failed', ...container({ terminated: end }), ...status });

const clean = { failedRequests: 0, failedRows: 0, nonFinite: 0 };
const counts: EvaluationCounts = {
  data: { digest: `sha256:${'d'.repeat(64)}`, rows: 100, bytes: 884 },
  n: 100,
  outcome: { type: 'PairedClasses', bothRight: 60, candidateOnly: 20, liveOnly: 15, bothWrong: 5 },
  candidate: clean,
  live: clean,
};
const success = (changes: object = {}) => JSON.stringify({ success: { ...counts, ...changes } });
const failure = (name: string, message: string) => JSON.stringify({ failure: { class: name, message } });
const read = (one: ObservedPod | undefined, of: ObservedJob | undefined = job(), seconds = 0) =>
  readEvaluation({ job: of, pods: one === undefined ? [] : [one] }, at(seconds));

describe('before its end', () => {
  const unscheduled = { type: 'PodScheduled', status: 'False', message: 'claim "datasets" not found' };
  test.each<[string, ObservedPod | undefined, RegExp]>([
    ['waits for its pod', undefined, /has no pod yet/],
    [
      'takes no other Job’s pod for its own',
      pod({ phase: 'Running', ...container({ running: {} }) }, 'k'),
      /has no pod yet/,
    ],
    [
      'says why its pod is not placed',
      pod({ conditions: [unscheduled] }),
      /no node takes the pod\. Scheduler: claim "datasets" not found/,
    ],
    [
      'says why its pod does not start',
      pod(container({ waiting: { reason: 'ImagePullBackOff' } })),
      /trainer image cannot be pulled/,
    ],
  ])('an evaluation %s', (_, one, message) => {
    expect(read(one)).toEqual({ type: 'Pending', message: expect.stringMatching(message) });
  });

  test('an evaluation that a queue holds back is pending, however long', () => {
    const held = { ...job(), spec: { suspend: true } };
    expect(read(undefined, held, 9000)).toEqual({ type: 'Pending', message: expect.stringMatching(/is suspended/) });
  });

  test('an evaluation that does not start for a quarter of an hour is lost, in the words of the cluster', () => {
    const waiting = pod(container({ waiting: { reason: 'ImagePullBackOff', message: 'manifest unknown' } }));
    expect(read(waiting, job(), 899)).toMatchObject({ type: 'Pending' });
    const failed = { type: 'Failed', class: 'Infrastructure', message: expect.stringMatching(/manifest unknown/) };
    expect(read(waiting, job(), 900)).toEqual(failed);
    expect(read(undefined, job(), 900)).toMatchObject({ type: 'Failed', message: expect.stringMatching(/has no pod/) });
  });

  test('an evaluation without a Job is pending', () => {
    expect(readEvaluation({ job: undefined, pods: [pod()] }, at(0))).toMatchObject({ type: 'Pending' });
  });

  test('an evaluation runs', () => {
    expect(read(pod({ phase: 'Running', ...container({ running: {} }) }))).toMatchObject({ type: 'Running' });
  });
});

test('counts that add up are handed on', () => {
  expect(read(ended({ exitCode: 0, message: success() }), job('Complete'))).toEqual({ type: 'Counts', counts });
});

describe('an evaluation failed', () => {
  const disrupted = [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'drained' }];
  test.each<[string, ObservedPod, string, RegExp]>([
    ['counts that do not add up', ended({ exitCode: 0, message: success({ n: 99 }) }), 'Internal', /cannot be read/],
    ['more rows than there are', ended({ exitCode: 0, message: success({ n: 101 }) }), 'Internal', /cannot be read/],
    ['no counts', ended({ exitCode: 0 }), 'Internal', /cannot be read/],
    ['counts of a pod that failed', ended({ exitCode: 1, message: success() }), 'Internal', /exited with code 1/],
    [
      'what it said itself',
      ended({ exitCode: 10, message: failure('Data', 'dataset.target: no') }),
      'Data',
      /^dataset\.target: no$/,
    ],
    [
      'a class without an exit code',
      ended({ exitCode: 16, message: failure('Deadline', 'deadlineSeconds: late') }),
      'Deadline',
      /late/,
    ],
    ['an exit code alone', ended({ exitCode: 15, message: 'log line' }), 'Infrastructure', /code 15: log line/],
    ['a class that does not exist', ended({ exitCode: 1, message: failure('Magic', 'x') }), 'Internal', /code 1/],
    ['memory', ended({ exitCode: 137, reason: 'OOMKilled' }), 'OutOfMemory', /use fewer rows/],
    ['a stop', ended({ exitCode: 20 }), 'Infrastructure', /stopped from outside/],
    ['a kill', ended({ exitCode: 137, reason: 'Error' }), 'Infrastructure', /killed from outside/],
    ['an eviction', ended({ exitCode: 143 }, { conditions: disrupted }), 'Infrastructure', /EvictionByEvictionAPI/],
    ['no entry point', ended({ exitCode: 128, reason: 'StartError', message: 'exec: no' }), 'Image', /exec: no/],
    [
      'a refusal by the kubelet',
      pod({ phase: 'Failed', reason: 'OutOfcpu' }),
      'Infrastructure',
      /before .* \(OutOfcpu\)/,
    ],
  ])('because of %s', (_, one, name, message) => {
    expect(read(one, job('Failed'))).toEqual({ type: 'Failed', class: name, message: expect.stringMatching(message) });
  });

  test('because Kubernetes ended it at its deadline, with or without its pod', () => {
    const late = job('Failed', 'DeadlineExceeded');
    expect(read(ended({ exitCode: 20 }), late)).toMatchObject({ type: 'Failed', class: 'Deadline' });
    expect(read(undefined, late, 60)).toMatchObject({ type: 'Failed', class: 'Deadline' });
  });

  test('because its pod is gone, but not before the watches had time to agree', () => {
    expect(read(undefined, job('Complete'), 4)).toMatchObject({ type: 'Pending' });
    expect(read(undefined, job('Complete'), 5)).toMatchObject({ type: 'Failed', class: 'Infrastructure' });
  });

  test('with a message that fits into a condition', () => {
    const long = read(ended({ exitCode: 1, message: 'x '.repeat(2000) }), job('Failed'));
    expect(long.type === 'Failed' && long.message.length).toBeLessThanOrEqual(200);
  });
});
