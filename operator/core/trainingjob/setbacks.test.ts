// Lives of a TrainingJob that go wrong or are interrupted: failure, wrong input, suspension.
import { describe, expect, test } from '@jest/globals';
import { mergeConditions } from '../conditions.ts';
import { badData, runningWorld, succeeded, toldWorld } from './testing/endings.ts';
import { World } from './testing/world.ts';

describe('failure', () => {
  test('of user code is final, and says why with the remedy', () => {
    const world = runningWorld();
    world.endPods({ exitCode: 1, message: 'boom' });
    world.settle();
    expect(world.status.failure).toMatchObject({
      class: 'UserCode',
      message: 'the trainer exited with code 1: boom',
      retryable: false,
    });
    expect(['Ready', 'Stalled', 'Failed', 'Reconciling'].map((type) => world.condition(type))).toEqual([
      'False',
      'True',
      'True',
      undefined,
    ]);
    world.deleteChildren();
    expect(world.round().desired).toEqual([]);
  });

  test('is revived by a new retryToken, with whole budgets and a new number', () => {
    const world = runningWorld({ retry: { outOfMemory: 0 } });
    world.endPods({ exitCode: 13 });
    world.settle();
    world.setSpec({ retryToken: 'b' });
    const revived = world.round();
    expect(revived.events.map(({ reason }) => reason)).toEqual(['RetryRequested', 'AttemptStarted']);
    expect(revived.status).toMatchObject({ attempt: 2, retryToken: 'b' });
    expect(revived.status.failure).toBeUndefined();
    world.settle();
    expect(world.created).toEqual([1, 2]);
  });

  test('of a hang that the supervisor does not end is found by its idle time', () => {
    const world = runningWorld({ deadlines: { progressSeconds: 10 } });
    const report = {
      attempt: 1,
      stage: 'Fitting' as const,
      step: 1,
      totalSteps: 10,
      epoch: 0,
      totalEpochs: 2,
      idleSeconds: 41,
      metrics: [],
    };
    world.observed = { ...world.observed, reading: { podUid: 'pod-1', report, at: world.now } };
    const plan = world.round();
    expect(plan.status).toMatchObject({ failure: { class: 'Hang', retryable: true } });
    expect(plan.desired).toEqual([]);
  });

  test('comes when all attempts together ran for activeSeconds', () => {
    const world = runningWorld({ deadlines: { activeSeconds: 100 } });
    world.pass(60);
    world.endPods({ exitCode: 137, reason: 'Error', startedAt: '2026-01-05T10:00:00Z' });
    world.settle();
    expect(world.status.activeSeconds).toBe(60);
    world.pass(15);
    world.settle();
    world.startPod();
    expect(world.round().wakeAfterSeconds).toBe(3);
    world.pass(3);
    expect(world.round().wakeAfterSeconds).toBe(37);
    world.pass(37);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Deadline' });
    expect(world.condition('Failed')).toBe('True');
  });

  test('comes when a pod waits for longer than pendingSeconds', () => {
    const world = new World({ deadlines: { pendingSeconds: 30 } });
    world.settle();
    world.pass(10);
    expect(world.round().wakeAfterSeconds).toBe(20);
    world.pass(20);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Deadline' });
    expect(world.observed.jobs).toEqual([]);
  });

  test('comes with the words of who refuses the pod, when that was told', () => {
    const world = new World({ deadlines: { pendingSeconds: 30 } });
    world.settle();
    const { trainingJob } = world.observed;
    const message = 'pod of Job digits-1: exceeded quota: few. Raise the ResourceQuota, or ask for less.';
    const at = { generation: 1, now: world.now };
    const told = mergeConditions(
      undefined,
      [{ type: 'ChildRefused', status: 'True', reason: 'ChildRefused', message }],
      at,
    );
    const status = { ...world.status, conditions: [...(world.status.conditions ?? []), ...told] };
    world.observed = { ...world.observed, pods: [], trainingJob: { ...trainingJob, status } };
    world.pass(30);
    world.round();
    expect(world.status.failure).toMatchObject({ class: 'Deadline', message });
    expect(world.status.conditions?.map(({ type }) => type)).not.toContain('ChildRefused');
  });

  test('does not come because the operator was away', () => {
    const world = runningWorld({ deadlines: { pendingSeconds: 30 } });
    world.endPods({ exitCode: 137 });
    world.settle();
    world.pass(13);
    world.round();
    expect([world.status.attempt, world.created]).toEqual([2, [1]]);
    world.pass(3600);
    world.settle();
    expect(world.created).toEqual([1, 2]);
    expect(world.condition('Failed')).toBeUndefined();
  });
});

describe('wrong input', () => {
  test('is Stalled, looked at again slowly, and healed by a good look', () => {
    const world = runningWorld();
    world.endPods(badData);
    world.settle();
    expect([world.condition('Stalled'), world.condition('Failed'), world.condition('Reconciling')]).toEqual([
      'True',
      undefined,
      undefined,
    ]);
    world.pass(40);
    world.settle();
    expect(world.created).toEqual([1, 2]);
    expect(world.condition('Stalled')).toBe('True');
    world.startPod();
    world.endPods(succeeded);
    world.settle();
    expect(world.condition('Stalled')).toBeUndefined();
    expect(world.condition('Complete')).toBe('True');
  });

  test('becomes Failed after pendingSeconds', () => {
    const world = runningWorld({ deadlines: { pendingSeconds: 20 } });
    world.endPods(badData);
    world.settle();
    world.pass(20);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Data', retryable: false, message: 'no column label' });
    expect(world.condition('Failed')).toBe('True');
  });

  test('is looked at again at once with a new retryToken', () => {
    const world = runningWorld();
    world.endPods(badData);
    world.settle();
    world.setSpec({ retryToken: 'fixed' });
    world.settle();
    expect(world.created).toEqual([1, 2]);
  });

  test('such as a missing claim makes no Job, and heals when the claim appears', () => {
    const world = new World();
    world.setStorage(false);
    world.settle();
    expect(world.created).toEqual([]);
    const standing = (type: string) => world.status.conditions?.find((each) => each.type === type);
    expect(standing('Reconciling')).toMatchObject({ reason: 'StorageMissing' });
    world.pass(60);
    world.settle();
    expect(standing('Stalled')).toMatchObject({ reason: 'StorageMissing' });
    world.pass(1640);
    world.setStorage(true);
    world.settle();
    expect(world.created).toEqual([1]);
    expect(world.status.inputErrorSince).toBeUndefined();
    world.pass(200);
    world.settle();
    expect(world.condition('Failed')).toBeUndefined();
  });

  test('is taken back with the Job that is made, also when that had to wait for an earlier pod', () => {
    const world = toldWorld();
    const { pods } = world.observed;
    world.endPods({ exitCode: 137 });
    world.setStorage(false);
    world.settle();
    world.pass(13);
    world.settle();
    expect(world.status.inputErrorSince).toBeDefined();
    world.setStorage(true);
    const { pods: ended } = world.observed;
    world.observed = { ...world.observed, pods };
    world.settle();
    expect(world.status.conditions?.[0]).toMatchObject({ reason: 'PodPending' });
    world.observed = { ...world.observed, pods: ended };
    world.settle();
    expect([world.created, world.status.inputErrorSince]).toEqual([[1, 2], undefined]);
  });

  test('such as a claim that never appears ends the job', () => {
    const world = new World();
    world.setStorage(false);
    world.settle();
    world.pass(1800);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Deadline' });
  });
});

describe('suspend', () => {
  test('stops the pod, is True only when it is gone, and resumes with a new number', () => {
    const world = runningWorld();
    const { pods } = world.observed;
    world.setSpec({ suspend: true });
    const stopping = world.round();
    expect(stopping.desired).toEqual([]);
    expect([world.condition('Suspended'), world.condition('Ready'), world.condition('Running')]).toEqual([
      'False',
      'Unknown',
      'True',
    ]);
    world.observed = { ...world.observed, pods };
    world.pass(5);
    world.endPods({ exitCode: 20 });
    world.settle();
    expect([world.condition('Suspended'), world.condition('Running')]).toEqual(['True', 'False']);
    world.setSpec({ suspend: false });
    world.settle();
    expect(world.created).toEqual([1, 2]);
    expect(world.status).toMatchObject({ attempt: 2, activeSeconds: 5 });
    expect(world.status.retries).toBeUndefined();
  });

  test('before the first attempt makes nothing', () => {
    const world = new World({ suspend: true });
    world.settle();
    expect(world.created).toEqual([]);
    expect(world.condition('Suspended')).toBe('True');
    world.setSpec({ suspend: false });
    world.settle();
    expect(world.created).toEqual([1]);
  });

  test('does not lose a result that is already there', () => {
    const world = runningWorld();
    world.endPods(succeeded);
    world.setSpec({ suspend: true });
    world.settle();
    expect(world.condition('Complete')).toBe('True');
  });
});
