// Folds the signs of the training process into the progress document.
import type { ProgressReport } from '@sluice/crds/contract.ts';
import type { Sign } from '../messages.ts';

/** What is known about a run; times are in milliseconds of a monotonic clock. */
export type Progress = {
  readonly report: Omit<ProgressReport, 'idleSeconds' | 'etaSeconds'>;
  /** When the last sign came. */
  readonly advancedAt: number;
  /** First step that was seen, and when: a resumed run does not start at 0, and the estimate must not count what it skipped. */
  readonly firstStep: { readonly step: number; readonly at: number } | undefined;
};

/** Before the first sign. */
export function startProgress(attempt: number, now: number): Progress {
  return {
    report: { attempt, stage: 'Starting', step: 0, totalSteps: 0, epoch: 0, totalEpochs: 0, metrics: [] },
    advancedAt: now,
    firstStep: undefined,
  };
}

/** The progress after one more sign. */
export function advance(progress: Progress, sign: Sign, now: number): Progress {
  const { report } = progress;
  switch (sign.type) {
    case 'Stage':
      return { ...progress, report: { ...report, stage: sign.stage }, advancedAt: now };
    case 'Step': {
      const { type: _, ...position } = sign;
      const metrics = position.metrics.filter(({ value }) => Number.isFinite(value));
      const firstStep = progress.firstStep ?? { step: sign.step, at: now };
      return { report: { ...report, ...position, metrics }, advancedAt: now, firstStep };
    }
    case 'Alive':
    case 'Ended':
      return { ...progress, advancedAt: now };
  }
}

/** The document as `GET /progress` gives it. The estimate is for all epochs: early stopping can only make it shorter. */
export function describeProgress(progress: Progress, now: number): ProgressReport {
  const idleSeconds = Math.round((now - progress.advancedAt) / 100) / 10;
  const etaSeconds = estimateSeconds(progress, now);
  return { ...progress.report, idleSeconds, ...(etaSeconds === undefined ? {} : { etaSeconds }) };
}

function estimateSeconds({ report, firstStep }: Progress, now: number): number | undefined {
  if (report.stage !== 'Fitting' || firstStep === undefined || report.step <= firstStep.step) return undefined;
  const secondsPerStep = (now - firstStep.at) / 1000 / (report.step - firstStep.step);
  return Math.ceil((report.totalSteps - report.step) * secondsPerStep);
}
