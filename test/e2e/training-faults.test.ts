// What breaks a training, and what becomes of it: every failure has its class on the object, and work done is not lost.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { twoClasses } from './datasets.ts';
import { dataset, models, trainingJob } from './manifests.ts';
import { replaceOperator } from './operator.ts';
import { signalTrainer } from './trainer-process.ts';
import { type Conditioned, condition, World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open('training-faults');
  await world.apply(models, dataset('points', twoClasses(200)));
}, 60_000);

afterAll(() => world.close());

/** Some ten seconds of steps, with a checkpoint each second. */
const steady = { epochs: 600, batchSize: 16 };
/** Longer than any test waits. */
const endless = { epochs: 10_000, batchSize: 1 };
const often = { checkpoint: { everySeconds: 1 } };

/** What the trainer says in its log. */
const checkpoint = /^checkpoint at step (\d+)$/m;
const goingOn = /^going on from step (\d+)$/m;

const statusOf = ({ status }: Conditioned) => (status ?? {}) as Partial<TrainingJobStatus>;
const ownLabel = (name: string) => `sluice.dev/training-job=${name}`;
const jobNames = async (name: string) =>
  (await world.list('Job', ownLabel(name))).map(({ metadata }) => metadata.name).sort();

/** Waits until attempt `attempt` makes steps, and resolves to its pod. */
async function untilFitting(name: string, attempt = 1): Promise<Conditioned> {
  await world.until({ kind: 'TrainingJob', name, within: 120 }, (job) => {
    const { progress, attempt: current } = statusOf(job);
    return current === attempt && progress?.stage === 'Fitting' && progress.step > 0;
  });
  const pod = await podOf(name, attempt);
  if (!pod) throw new Error(`attempt ${attempt} of ${name} makes steps and has no pod`);
  return pod;
}

const podOf = async (name: string, attempt: number): Promise<Conditioned | undefined> =>
  (await world.list('Pod', `${ownLabel(name)},sluice.dev/attempt=${attempt}`))[0];

/** The pod of an attempt that may end before anybody is told that it runs; its log stays for a while. */
const untilStarted = (name: string, attempt = 1): Promise<Conditioned> =>
  world.eventually({ what: `a started pod of attempt ${attempt} of ${name}`, within: 120 }, async () => {
    const pod = await podOf(name, attempt);
    return pod?.status?.['phase'] === 'Pending' ? undefined : pod;
  });

const logOf = (pod: Conditioned) => world.kubectl(['--namespace', world.namespace, 'logs', pod.metadata.name]);

/** Waits until the pod has said so, and resolves to the number in it. */
const untilLogged = (pod: Conditioned, pattern: RegExp): Promise<number> =>
  world.eventually({ what: `${pattern} in the log of ${pod.metadata.name}` }, async () => {
    const found = pattern.exec(await logOf(pod))?.[1];
    return found === undefined ? undefined : Number(found);
  });

const untilComplete = (name: string) =>
  world.untilCondition({ kind: 'TrainingJob', name, within: 180 }, { type: 'Complete', status: 'True' });

const untilFailed = (name: string, reason: string) =>
  world.untilCondition({ kind: 'TrainingJob', name, within: 120 }, { type: 'Failed', status: 'True', reason });

/** Waits until the failure of an attempt is on the object. */
const untilRetrying = (name: string, attempt: number) =>
  world.until({ kind: 'TrainingJob', name }, (job) => statusOf(job).failure?.attempt === attempt);

/** Makes the operator look at the object once more, and waits until it has. */
async function lookAgain(name: string, podsSeconds: number): Promise<Conditioned> {
  await world.patch('TrainingJob', name, { spec: { retention: { podsSeconds } } });
  return world.until(
    { kind: 'TrainingJob', name },
    (job) => statusOf(job).observedGeneration === job.metadata.generation,
  );
}

describe('the operator', () => {
  test('may be killed in the middle of training: there is one attempt, and it completes', async () => {
    await world.apply(trainingJob('orphan', { builtin: steady, spec: often }));
    await untilLogged(await untilStarted('orphan'), checkpoint);
    await replaceOperator(world);
    expect(statusOf(await untilComplete('orphan'))).toMatchObject({ attempt: 1, modelVersion: 'orphan-1' });
    expect(await jobNames('orphan')).toEqual(['orphan-1']);
    expect(await world.list('ModelVersion', ownLabel('orphan'))).toHaveLength(1);
  }, 300_000);

  test('makes nothing again when the Job of a Complete TrainingJob is deleted', async () => {
    await world.remove('Job', 'orphan-1');
    await world.eventually({ what: 'no Job of orphan' }, async () =>
      (await jobNames('orphan')).length === 0 ? true : undefined,
    );
    const job = await lookAgain('orphan', 1000);
    expect(condition(job, 'Complete')?.status).toBe('True');
    expect(statusOf(job).attempt).toBe(1);
    expect(await jobNames('orphan')).toEqual([]);
  }, 90_000);
});

describe('a training process', () => {
  test('that is killed is tried again from its checkpoint, and the model is the one of an undisturbed run', async () => {
    const spec = { ...often, seed: 3 };
    await world.apply(trainingJob('killed', { builtin: steady, spec }));
    const first = await untilStarted('killed');
    await untilLogged(first, checkpoint);
    await signalTrainer(world, first.metadata.uid, 'KILL');
    const failed = statusOf(await untilRetrying('killed', 1));
    expect(failed.failure).toMatchObject({ class: 'Infrastructure', exitCode: 15, retryable: true });
    const second = await untilStarted('killed', 2);
    expect(await untilLogged(second, goingOn)).toBeGreaterThan(0);
    await world.apply(trainingJob('undisturbed', { builtin: steady, spec }));
    const [killed, undisturbed] = await Promise.all([untilComplete('killed'), untilComplete('undisturbed')]);
    expect(statusOf(killed).attempt).toBe(2);
    expect(statusOf(killed).bundle?.digest).toBe(statusOf(undisturbed).bundle?.digest);
  }, 400_000);

  test('that crashes fails the job with exit code and class, and is not tried again', async () => {
    await world.apply(trainingJob('crashes', { builtin: endless }));
    const pod = await untilFitting('crashes');
    await signalTrainer(world, pod.metadata.uid, 'SEGV');
    const { failure, attempt } = statusOf(await untilFailed('crashes', 'InternalError'));
    expect(failure).toMatchObject({ class: 'Internal', exitCode: 16, pod: pod.metadata.name, retryable: false });
    expect(failure?.message).toContain('SIGSEGV');
    expect(attempt).toBe(1);
  }, 180_000);

  test('that hangs is ended as Hang and tried again', async () => {
    const spec = { ...often, deadlines: { progressSeconds: 5 } };
    await world.apply(trainingJob('hangs', { builtin: endless, spec }));
    const pod = await untilFitting('hangs');
    await signalTrainer(world, pod.metadata.uid, 'STOP');
    const { failure } = statusOf(await untilRetrying('hangs', 1));
    expect(failure).toMatchObject({ class: 'Hang', exitCode: 14, retryable: true });
    expect(failure?.message).toContain('progressSeconds');
    await untilFitting('hangs', 2);
    await world.remove('TrainingJob', 'hangs');
  }, 240_000);

  test('that needs more than resources.memory fails as OutOfMemory', async () => {
    const architecture = { type: 'MLP', hiddenUnits: [8192, 8192] };
    const spec = { resources: { cpu: '100m', memory: '640Mi' }, retry: { outOfMemory: 0 } };
    await world.apply(trainingJob('large', { builtin: { architecture }, spec }));
    const job = await untilFailed('large', 'OutOfMemory');
    expect(statusOf(job).failure).toMatchObject({ class: 'OutOfMemory', retryable: false });
    expect([13, 137]).toContain(statusOf(job).failure?.exitCode);
    expect(condition(job, 'Failed')?.message).toContain('memory');
  }, 180_000);
});

describe('a pod', () => {
  test('that is deleted writes a checkpoint first, and the next attempt goes on at no cost', async () => {
    await world.apply(trainingJob('moved', { builtin: endless }));
    const first = await untilFitting('moved');
    await world.remove('Pod', first.metadata.name);
    const second = await untilFitting('moved', 2);
    expect(await untilLogged(second, goingOn)).toBeGreaterThan(0);
    const { failure, retries } = statusOf(await world.until({ kind: 'TrainingJob', name: 'moved' }, () => true));
    expect({ failure, retries }).toEqual({ failure: undefined, retries: undefined });
    await world.remove('TrainingJob', 'moved');
  }, 240_000);

  test('that is killed as a whole is lost infrastructure, and the next attempt goes on', async () => {
    await world.apply(trainingJob('lost', { builtin: endless, spec: often }));
    const first = await untilFitting('lost');
    const saved = await untilLogged(first, checkpoint);
    await signalTrainer(world, first.metadata.uid, 'KILL', 'supervisor');
    const { failure, retries } = statusOf(await untilRetrying('lost', 1));
    expect(failure).toMatchObject({ class: 'Infrastructure', exitCode: 137, retryable: true });
    expect(retries).toEqual({ infrastructure: 1 });
    const second = await untilFitting('lost', 2);
    expect(await untilLogged(second, goingOn)).toBeGreaterThanOrEqual(saved);
    await world.remove('TrainingJob', 'lost');
  }, 240_000);

  test('stops when the job is suspended, and training goes on when it is resumed', async () => {
    await world.apply(trainingJob('rests', { builtin: endless, spec: often }));
    await untilLogged(await untilFitting('rests'), checkpoint);
    await world.patch('TrainingJob', 'rests', { spec: { suspend: true } });
    const job = await world.untilCondition(
      { kind: 'TrainingJob', name: 'rests' },
      { type: 'Suspended', status: 'True', reason: 'Suspended' },
    );
    expect(condition(job, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'Suspended' });
    const phases = (await world.list('Pod', ownLabel('rests'))).map(({ status }) => status?.['phase']);
    expect(phases).not.toContain('Running');
    await world.patch('TrainingJob', 'rests', { spec: { suspend: false } });
    const second = await untilFitting('rests', 2);
    expect(await untilLogged(second, goingOn)).toBeGreaterThan(0);
    await world.remove('TrainingJob', 'rests');
  }, 180_000);
});

describe('a deadline', () => {
  test('ends a job that runs too long; a new retryToken tries it once more, whoever the operator is', async () => {
    await world.apply(trainingJob('slow', { builtin: endless, spec: { deadlines: { activeSeconds: 3 } } }));
    const job = await untilFailed('slow', 'DeadlineExceeded');
    expect(condition(job, 'Failed')?.message).toContain('deadlines.activeSeconds');
    expect(condition(job, 'Stalled')?.status).toBe('True');
    await world.patch('TrainingJob', 'slow', { spec: { retryToken: 'again' } });
    await world.until({ kind: 'TrainingJob', name: 'slow' }, (each) => statusOf(each).attempt === 2);
    await untilFailed('slow', 'DeadlineExceeded');
    await replaceOperator(world);
    const later = await lookAgain('slow', 1000);
    expect(statusOf(later)).toMatchObject({ attempt: 2, retryToken: 'again' });
    expect(condition(later, 'Failed')?.status).toBe('True');
  }, 240_000);
});
