// What of a trainer's reports reaches the object, and how often.
import { describe, expect, test } from '@jest/globals';
import { type ProgressReport, progressReportSchema, stages } from '@sluice/crds/contract.ts';
import { type TrainingJobStatus, trainingJobStatusSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import fc from 'fast-check';
import { planTrainingJob } from './plan.ts';
import { askForProgress, describeProgress, finishedProgress, mayDecide, nextProgress } from './progress.ts';
import { job, observe, runningPod, settings, start, trainingJob } from './testing/samples.ts';

const report = (changes: Partial<ProgressReport> = {}): ProgressReport => ({
  attempt: 1,
  stage: 'Fitting',
  step: 450,
  totalSteps: 900,
  epoch: 15,
  totalEpochs: 30,
  etaSeconds: 12,
  idleSeconds: 0,
  metrics: [
    { name: 'loss', value: 0.123456 },
    { name: 'val_loss', value: 1234.56 },
  ],
  ...changes,
});
const reading = (changes: Partial<ProgressReport>, seconds: number) => ({
  podUid: 'pod-1',
  report: report(changes),
  at: start + seconds * 1000,
});

describe('progress', () => {
  const shown = nextProgress(undefined, reading({}, 0));

  test('is shown with percent and four digits', () => {
    expect(shown).toEqual({
      stage: 'Fitting',
      step: 450,
      totalSteps: 900,
      epoch: 15,
      totalEpochs: 30,
      percent: 50,
      etaSeconds: 12,
      loss: 0.1235,
      validationLoss: 1235,
      reportedAt: '2026-01-05T10:00:00Z',
    });
  });

  test.each<[string, Partial<ProgressReport>, number, boolean]>([
    ['steps alone are not worth a write', { step: 460 }, 5, false],
    ['steps are shown after 15 s', { step: 460 }, 15, true],
    ['a new epoch is shown at once', { epoch: 16 }, 1, true],
    ['a new stage is shown at once', { stage: 'Evaluating' }, 1, true],
  ])('%s', (_, changes, seconds, changed) => {
    expect(nextProgress(shown, reading(changes, seconds)) !== shown).toBe(changed);
  });

  test('stays when no pod answers', () => {
    expect(nextProgress(shown, undefined)).toBe(shown);
  });

  test('never exceeds a hundred percent, nor divides by no steps', () => {
    expect(nextProgress(undefined, reading({ step: 10, totalSteps: 9 }, 0))?.percent).toBe(100);
    expect(nextProgress(undefined, reading({ step: 0, totalSteps: 0 }, 0))?.percent).toBe(0);
  });

  test('of a job that stopped early ends at a hundred percent', () => {
    expect(shown && finishedProgress(shown)).toMatchObject({ percent: 100, step: 450 });
    expect(shown && finishedProgress(shown)).not.toHaveProperty('etaSeconds');
  });

  test('is told in one line', () => {
    expect(describeProgress(shown)).toBe('epoch 15 of 30, step 450 of 900, about 12 s left');
    expect(describeProgress(undefined)).toMatch(/no progress was reported yet/);
    expect(describeProgress(nextProgress(undefined, reading({ stage: 'ReadingData' }, 0)))).toMatch(
      /reads and checks the data/,
    );
  });

  test('is asked for every 2 s at first, every 5 s later, and never without an address', () => {
    const pod = runningPod(1);
    expect(askForProgress(pod, 59)).toEqual([
      { type: 'TrainingProgress', pod: { name: 'digits-1-x', uid: 'pod-1', ip: '10.0.0.7' }, everySeconds: 2 },
    ]);
    expect(askForProgress(pod, 60)).toMatchObject([{ everySeconds: 5 }]);
    expect(askForProgress({ ...pod, status: { ...pod.status, podIP: undefined } }, 0)).toEqual([]);
  });
});

test.each<[string, ProgressReport | undefined, Partial<ProgressReport>, boolean]>([
  ['the first report', undefined, {}, true],
  ['another stage', report({ stage: 'ReadingData' }), {}, true],
  ['a trainer that makes no step', report(), { idleSeconds: 5 }, true],
  ['another step, another epoch', report(), { step: 500, epoch: 17, idleSeconds: 4.9 }, false],
])('%s: whether it may decide something', (_, before, changes, decides) => {
  expect(mayDecide(before, report(changes))).toBe(decides);
});

/** The plan after a look at a running trainer that says `said`, with `before` stored. */
const look = (said: ProgressReport, before: TrainingJobStatus | undefined, seconds: number) =>
  planTrainingJob(
    observe({
      trainingJob: trainingJob({}, { observedGeneration: 1, attempt: 1, ...before }),
      jobs: [job(1)],
      pods: [runningPod(1)],
      reading: { podUid: 'pod-1', report: said, at: start + seconds * 1000 },
    }),
    start + seconds * 1000,
    settings,
  );

describe('what a pod says of itself', () => {
  const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const said = fc.record({
    attempt: whole,
    stage: fc.constantFrom(...stages),
    step: whole,
    totalSteps: whole,
    epoch: whole,
    totalEpochs: whole,
    etaSeconds: fc.option(whole, { nil: undefined }),
    idleSeconds: fc.double({ min: 0, max: 500, noNaN: true }),
    metrics: fc.array(
      fc.record({
        name: fc.constantFrom('loss' as const, 'val_loss' as const),
        value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      }),
      { maxLength: 16 },
    ),
  });

  test('is numbers only, and makes no status that the apiserver refuses', () => {
    fc.assert(
      fc.property(said, (report) => {
        expect(progressReportSchema.safeParse(report).success).toBe(true);
        expect(trainingJobStatusSchema.safeParse(look(report, undefined, 1).status).error).toBeUndefined();
      }),
    );
  });

  test('can wait once it is told that the trainer runs, whatever it says', () => {
    const before = look(report(), undefined, 4).status;
    fc.assert(
      fc.property(said, (next) => {
        const { status, statusCanWait } = look(next, before, 30);
        expect(status.progress?.reportedAt).not.toBe(before.progress?.reportedAt);
        expect(statusCanWait).toBe(true);
      }),
    );
  });

  test('cannot wait when it tells first that the trainer runs', () => {
    expect(look(report(), undefined, 4).statusCanWait).toBeUndefined();
  });

  test('cannot wait when it makes the attempt end', () => {
    const before = look(report(), undefined, 4).status;
    expect(look(report({ idleSeconds: 700 }), before, 30).statusCanWait).toBeUndefined();
  });
});
