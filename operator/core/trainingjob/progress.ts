// Turns what a trainer says of itself into status.progress, rarely enough that the apiserver is not written to at each
// step, and asks for the next reading.
import { type ProgressReport, stages } from '@sluice/crds/contract.ts';
import type { Metric } from '@sluice/crds/fragments.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { formatTime, secondsSince } from '../conditions.ts';
import type { MeasureRequest } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';
import type { ProgressReading } from './observed.ts';

export type Progress = NonNullable<TrainingJobStatus['progress']>;

/** Steps within an epoch reach the status this often. */
const refreshSeconds = 15;
/** A young trainer is asked often, so that short jobs are seen at all. */
const young = { seconds: 60, everySeconds: 2 };
const everySeconds = 5;

/** The progress to show: a new one when stage or epoch changed or the shown one is old, else the shown one itself. */
export function nextProgress(shown: Progress | undefined, reading: ProgressReading | undefined): Progress | undefined {
  if (reading === undefined) return shown;
  const next = toProgress(reading);
  if (shown === undefined || shown.stage !== next.stage || shown.epoch !== next.epoch) return next;
  return secondsSince(shown.reportedAt, reading.at) >= refreshSeconds ? next : shown;
}

/** Whether a report may lead to more than other numbers: to a decision that cannot wait. */
export const mayDecide = (before: ProgressReport | undefined, { stage, idleSeconds }: ProgressReport): boolean =>
  before?.stage !== stage || idleSeconds >= stillSeconds;

/** A trainer that makes no step for so long may be about to hang; `deadlines.progressSeconds` is no shorter. */
const stillSeconds = 5;

/** Whether the trainer has read its data: it says a stage behind ReadingData. */
export const hasReadData = ({ stage }: ProgressReport): boolean =>
  stages.indexOf(stage) > stages.indexOf('ReadingData');

/** Asks a running pod; a pod without an address yet cannot be asked. */
export function askForProgress(pod: ObservedPod, ranForSeconds: number): readonly MeasureRequest[] {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '') return [];
  const { name, uid } = pod.metadata;
  return [
    {
      type: 'TrainingProgress',
      pod: { name, uid, ip },
      everySeconds: ranForSeconds < young.seconds ? young.everySeconds : everySeconds,
    },
  ];
}

/** One line for a person: `epoch 15 of 30, step 450 of 900, about 12 s left`. */
export function describeProgress(progress: Progress | undefined): string {
  if (progress === undefined) return 'training: no progress was reported yet';
  if (progress.stage !== 'Fitting') return stageWords[progress.stage];
  const { epoch, totalEpochs, step, totalSteps, etaSeconds } = progress;
  const eta = etaSeconds === undefined ? '' : `, about ${etaSeconds} s left`;
  return `epoch ${epoch} of ${totalEpochs}, step ${step} of ${totalSteps}${eta}`;
}

/**
 * The progress of an attempt that succeeded, also when it stopped early: past fitting, whatever was read of it last.
 * Step and epoch stay as they were read, for nobody knows better.
 */
export const finishedProgress = ({ etaSeconds: _, ...progress }: Progress): Progress => ({
  ...progress,
  stage: 'Publishing',
  percent: 100,
});

export const roundMetric = (metric: Metric): Metric => ({
  ...metric,
  value: significant(metric.value),
  ...(metric.lower === undefined ? {} : { lower: significant(metric.lower) }),
  ...(metric.upper === undefined ? {} : { upper: significant(metric.upper) }),
});

/** Four digits; the largest numbers there are stay as they are, because rounded up they would be none. */
function significant(value: number): number {
  const rounded = Number(value.toPrecision(4));
  return Number.isFinite(rounded) ? rounded : value;
}

const stageWords: Readonly<Record<ProgressReport['stage'], string>> = {
  Starting: 'the trainer is starting',
  ReadingData: 'the trainer reads and checks the data',
  Fitting: 'the trainer fits the model',
  Evaluating: 'the trainer evaluates the model on the test part',
  Publishing: 'the trainer writes the bundle',
};

function toProgress({ report, at }: ProgressReading): Progress {
  const metric = (name: string) => {
    const value = report.metrics.find((entry) => entry.name === name)?.value;
    return value === undefined ? undefined : significant(value);
  };
  const { stage, step, totalSteps, epoch, totalEpochs, etaSeconds } = report;
  const loss = metric('loss');
  const validationLoss = metric('val_loss');
  return {
    stage,
    step,
    totalSteps,
    epoch,
    totalEpochs,
    percent: totalSteps === 0 ? 0 : Math.min(100, Math.floor((100 * step) / totalSteps)),
    ...(etaSeconds === undefined ? {} : { etaSeconds }),
    ...(loss === undefined ? {} : { loss }),
    ...(validationLoss === undefined ? {} : { validationLoss }),
    reportedAt: formatTime(at),
  };
}
