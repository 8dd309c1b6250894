// What a person does about each class of failure: one sentence per class, behind every message that tells of it.
import type { FailureClass } from '@sluice/crds/contract.ts';
import { shorten } from '../conditions.ts';

export const remedies: Readonly<Record<FailureClass, string>> = {
  UserCode: 'Read the last lines in status.failure.',
  Data: 'Fix the file and set a new spec.retryToken, or fix spec.data in a new TrainingJob.',
  NoAccelerator: 'Repair the device of the node, or set resources.gpu.fallback: Allow in a new TrainingJob.',
  Diverged: 'Lower optimizer.learningRate in a new TrainingJob.',
  OutOfMemory: 'Raise resources.memory or lower batchSize in a new TrainingJob.',
  Hang: 'Raise deadlines.progressSeconds if a step may take that long, and set a new spec.retryToken.',
  Infrastructure: 'Look at the events of its pods and nodes, then set a new spec.retryToken.',
  Image: 'Check the trainer image and scheduling.imagePullSecrets, then set a new spec.retryToken.',
  Deadline: 'Heal the cause or raise the deadline in spec.deadlines, then set a new spec.retryToken.',
  Internal: 'This is a bug of Sluice: report it with the log of the pod.',
};

/** A message with its remedy, cut so that the remedy stays whole. */
export function withRemedy(message: string, remedy: string, limit = 200): string {
  const what = shorten(message, limit - remedy.length - 2);
  return `${what}${/[.!?…]$/.test(what) ? '' : '.'} ${remedy}`;
}
