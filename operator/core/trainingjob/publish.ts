// Takes a successful attempt to its ModelVersion: the version is made, and the status that tells of it follows. A version
// knows the job that it is of, so that one which was made and not told of is never made again.
import { bundleUriIn, storageLocation } from '@sluice/crds/locations.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { formatTime } from '../conditions.ts';
import { containerOf } from '../pods/children.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { finishedProgress, roundMetric } from './progress.ts';
import { type Success, trainer } from './trainer.ts';
import type { Facts, Outcome, Step, Turn } from './turn.ts';
import { ownVersion, versionManifest } from './version.ts';

/** The pod's result is read, or its version is there. */
export const succeeded: Step = (turn) => {
  const { state, observed } = turn;
  const own = ownVersion(observed);
  const isRead = state.type === 'Ended' && state.ending.type === 'Result' && state.pod !== undefined;
  const facts = isRead ? withResult(turn, state.ending.result, state.pod) : turn.facts;
  if (own !== undefined) return complete(turn, { metrics: own.spec.metrics, ...facts }, own.metadata.name);
  const version = versionManifest(observed, facts);
  return version && { ...complete(turn, facts, version.metadata.name), version };
};

function withResult(turn: Turn, success: Success, pod: ObservedPod): Facts {
  const { facts } = turn;
  return {
    ...facts,
    bundle: bundleOf(turn, success, pod),
    data: success.data,
    metrics: success.metrics.map(roundMetric),
    accelerator: success.accelerator,
    progress: facts.progress && finishedProgress(facts.progress),
  };
}

function complete(turn: Turn, facts: Facts, modelVersion: string): Outcome {
  const completedAt = formatTime(turn.now);
  return {
    facts: { ...facts, modelVersion, completedAt, nextAttemptAt: undefined, inputErrorSince: undefined },
    phase: {
      type: 'Complete',
      reason: 'Complete',
      message: `ModelVersion ${modelVersion} was written: a ModelDeployment can serve it.`,
    },
    attemptJudged: true,
  };
}

function bundleOf({ spec, settings }: Turn, { bundle }: Success, pod: ObservedPod): TrainingJobStatus['bundle'] {
  const { digest, specDigest, format, bytes } = bundle;
  return {
    uri: bundleUriIn(storageLocation(spec.storage, spec.modelName), digest),
    digest,
    specDigest,
    format,
    bytes,
    image: imageOf(pod) ?? settings.trainerImage,
  };
}

/** The image by its digest where the runtime knows one, else by the name it was asked for. */
function imageOf(pod: ObservedPod): string | undefined {
  const container = containerOf(pod, trainer.container);
  return container?.imageID?.includes('@sha256:') ? container.imageID : container?.image;
}
