// One line about an object that is on its way, made from its status only. Pure.
import type { Condition } from '@sluice/crds/fragments.ts';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';

const barWidth = 24;

/** A bar for `percent` done, 24 characters wide. */
export function bar(percent: number): string {
  const done = Math.round((Math.min(100, Math.max(0, percent)) / 100) * barWidth);
  return '█'.repeat(done) + '░'.repeat(barWidth - done);
}

/** What the trainer does, or why it cannot. */
export function trainingLine({ progress, conditions }: Partial<TrainingJobStatus>): string {
  const ready = conditionOf(conditions, 'Ready');
  if (!progress || ready?.status === 'True') return ready ? `${ready.reason}: ${ready.message}` : 'not seen yet';
  const { stage, percent, epoch, totalEpochs, loss, validationLoss, etaSeconds } = progress;
  if (stage !== 'Fitting') return stage;
  if (percent === 100) return `${stage} ${bar(percent)} 100 %`;
  const parts = [
    `${stage} ${bar(percent)} ${String(percent).padStart(3)} %`,
    `epoch ${epoch}/${totalEpochs}`,
    loss === undefined ? undefined : `loss ${loss.toFixed(3)}`,
    validationLoss === undefined ? undefined : `validation ${validationLoss.toFixed(3)}`,
    etaSeconds === undefined ? undefined : `${etaSeconds} s left`,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

/** Who serves, who is on its way. */
export function servingLine({ traffic, conditions }: Partial<ModelDeploymentStatus>): string {
  const shares = (traffic ?? []).map(
    ({ version, wantedPercent, verifiedPercent }) =>
      `${version} ${wantedPercent} %${verifiedPercent === wantedPercent ? '' : ' (on its way)'}`,
  );
  const now = conditionOf(conditions, 'Reconciling') ?? conditionOf(conditions, 'Ready');
  const why = now ? `${now.reason}: ${now.message}` : 'not seen yet';
  return [why, ...shares].join('  |  ');
}

/** Where the candidate stands and by how many samples, then who serves. */
export function rolloutLine(status: Partial<ModelDeploymentStatus>): string {
  const { rollout, candidate } = status;
  if (!rollout || !candidate) return servingLine(status);
  const { phase, step = phase, weightPercent, candidateSamples } = rollout;
  const where = `${candidate.version}: ${step}, ${weightPercent} %, ${candidateSamples} samples`;
  return `${where}  |  ${servingLine(status)}`;
}

/** The condition of a type, or undefined. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
