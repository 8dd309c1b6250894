// Decides after each epoch whether it was the best so far and whether to go on.
import type { EpochMetrics } from './engine.ts';

/** When to stop: `spec.trainer.builtin.earlyStopping`. */
export type EarlyStopping = {
  readonly metric: 'val_loss' | 'val_accuracy' | 'val_mae';
  readonly patience: number;
  readonly minDelta: number;
};

/** What is remembered between epochs. `best` is undefined before the first epoch. */
export type EarlyStoppingState = {
  readonly best?: number;
  /** 1-based. */
  readonly bestEpoch: number;
  /** Epochs since the best one. */
  readonly waited: number;
};

export const noEpochYet: EarlyStoppingState = { bestEpoch: 0, waited: 0 };

/** The state after `epoch` (1-based); `improved` says that its weights are the ones to keep. */
export type EarlyStoppingStep = {
  readonly state: EarlyStoppingState;
  readonly improved: boolean;
  readonly stop: boolean;
};

/** Judges one epoch. Without early stopping every epoch is the one to keep and none stops. */
export function judgeEpoch(
  rule: EarlyStopping | undefined,
  before: EarlyStoppingState,
  finished: { readonly epoch: number; readonly metrics: EpochMetrics },
): EarlyStoppingStep {
  const { epoch, metrics } = finished;
  const validation = metrics.validation;
  if (rule === undefined || validation === undefined) {
    return { state: { bestEpoch: epoch, waited: 0 }, improved: true, stop: false };
  }
  const value = rule.metric === 'val_loss' ? validation.loss : validation.quality;
  const gain = rule.metric === 'val_accuracy' ? value - (before.best ?? -Infinity) : (before.best ?? Infinity) - value;
  if (gain > rule.minDelta) {
    return { state: { best: value, bestEpoch: epoch, waited: 0 }, improved: true, stop: false };
  }
  const waited = before.waited + 1;
  return { state: { ...before, waited }, improved: false, stop: waited >= rule.patience };
}

/** Whether `state` says that the fit had already ended when it was saved. */
export function hasStopped(rule: EarlyStopping | undefined, state: EarlyStoppingState): boolean {
  return rule !== undefined && state.waited >= rule.patience;
}
