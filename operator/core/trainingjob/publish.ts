// Takes a successful attempt to its ModelVersion. What the pod said is written to the status first, so that losing the
// Job later changes nothing; then the version's name; then the version is made.
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { formatTime } from '../conditions.ts';
import { containerOf } from '../pods/children.ts';
import type { ObservedPod } from '../pods/observed.ts';
import type { Success } from './classify.ts';
import { trainerContainer } from './job.ts';
import type { ObservedVersion } from './observed.ts';
import { finishedProgress, roundMetric } from './progress.ts';
import type { Facts, Outcome, Step, Turn } from './turn.ts';
import { isNameTaken, nextVersionName, ownVersion, versionManifest } from './version.ts';

/** The pod's result is read. */
export const succeeded: Step = (turn) => {
  const { state, facts } = turn;
  if (state.type !== 'Ended' || state.ending.type !== 'Success' || state.pod === undefined) return undefined;
  const { success } = state.ending;
  const read: Facts = {
    ...facts,
    bundle: bundleOf(turn, success, state.pod),
    data: success.data,
    metrics: success.metrics.map(roundMetric),
    accelerator: success.accelerator,
    progress: facts.progress && finishedProgress(facts.progress),
    modelVersion: nextVersionName(turn.observed),
    nextAttemptAt: undefined,
    inputErrorSince: undefined,
  };
  return { ...publishing(read), attemptJudged: true };
};

/** The result is known: its version is there, or is made. */
export const published: Step = ({ observed, facts, now }) => {
  const own = ownVersion(observed);
  if (own !== undefined) return complete(facts, own, formatTime(now));
  if (facts.bundle === undefined) return undefined;
  if (facts.modelVersion === undefined || isNameTaken(observed, facts.modelVersion)) {
    return publishing({ ...facts, modelVersion: nextVersionName(observed) });
  }
  return { ...publishing(facts), version: versionManifest(observed, { observedGeneration: -1, ...facts }) };
};

function publishing(facts: Facts): Outcome {
  const message = `training succeeded: ModelVersion ${facts.modelVersion} is being written.`;
  return { facts, phase: { type: 'Publishing', reason: 'Publishing', message }, wakeSeconds: [2] };
}

function complete(facts: Facts, own: ObservedVersion, at: string): Outcome {
  const { name } = own.metadata;
  return {
    facts: { ...facts, modelVersion: name, metrics: facts.metrics ?? own.spec.metrics, completedAt: at },
    phase: {
      type: 'Complete',
      reason: 'Complete',
      message: `ModelVersion ${name} was written: a ModelDeployment can serve it.`,
    },
  };
}

function bundleOf({ spec, settings }: Turn, { bundle }: Success, pod: ObservedPod): TrainingJobStatus['bundle'] {
  const { digest, specDigest, format, bytes } = bundle;
  const { claimName } = spec.storage.persistentVolumeClaim;
  return {
    uri: `pvc://${claimName}/${spec.modelName}/${digest.replace(':', '-')}`,
    digest,
    specDigest,
    format,
    bytes,
    image: imageOf(pod) ?? settings.trainerImage,
  };
}

/** The image by its digest where the runtime knows one, else by the name it was asked for. */
function imageOf(pod: ObservedPod): string | undefined {
  const container = containerOf(pod, trainerContainer);
  return container?.imageID?.includes('@sha256:') ? container.imageID : container?.image;
}
