// Takes a successful attempt to its ModelVersion: a number is written down for it, the version is made, and the status that
// tells of it follows. The numbers tell which version is of which job, so that one which was made and not told of is never
// made again.
import { bundleUriIn, storageLocation } from '@sluice/crds/locations.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { formatTime } from '../conditions.ts';
import { containerOf } from '../pods/children.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { finishedProgress, roundMetric } from './progress.ts';
import { type Success, trainer } from './trainer.ts';
import type { Facts, Outcome, Step, Turn } from './turn.ts';
import { type Bundle, numberFor, ownVersion, versionManifest } from './version.ts';

/** The pod's result is read, or its version is there. */
export const succeeded: Step = (turn) => {
  const { state, observed } = turn;
  const isRead = state.type === 'Ended' && state.ending.type === 'Result' && state.pod !== undefined;
  const facts = isRead ? withResult(turn, state.ending.result, state.pod) : turn.facts;
  const own = ownVersion(observed, facts.bundle);
  if (own !== undefined) return complete(turn, { metrics: own.spec.metrics, ...facts }, own.metadata.name);
  return facts.bundle && publish(turn, { ...facts, bundle: facts.bundle });
};

/** The version is made when its number is known to be written down; until then the pod, which holds the result, stays. */
function publish(turn: Turn, facts: Facts & { readonly bundle: Bundle }): Outcome {
  const naming = numberFor(turn.observed, facts.bundle);
  if (naming.type === 'Given') {
    const version = versionManifest(turn.observed, facts, naming.number);
    return { ...complete(turn, facts, version.metadata.name), version };
  }
  const waiting = { facts: turn.facts, job: 'Keep', wakeSeconds: [lookForNumberSeconds] } as const;
  if (naming.type === 'Free') {
    const message = 'the model is trained: its version gets a number.';
    return {
      ...waiting,
      phase: { type: 'Running', reason: 'Running', message },
      numbers: naming.numbers,
      passes: true,
    };
  }
  const { reason, message } = naming;
  return { ...waiting, phase: { type: 'Stalled', reason, message }, attemptJudged: isFirstJudged(turn) };
}

/** People mend what is wrong with the numbers, and nothing tells of it. */
const lookForNumberSeconds = 10;

const waitsForNumber: readonly string[] = ['NumbersExhausted', 'NumbersUnreadable'];

/** The time that the attempt ran is counted once, also when its version has to wait. */
const isFirstJudged = ({ status }: Turn): true | undefined =>
  status.conditions?.some(({ type, reason }) => type === 'Ready' && waitsForNumber.includes(reason)) ? undefined : true;

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
      message: `ModelVersion ${modelVersion} was written: a ModelDeployment can serve it.${knownByHeart(facts)}`,
    },
    attemptJudged: isFirstJudged(turn),
  };
}

/** Its metrics may flatter a model that has seen rows of the test. */
function knownByHeart({ data }: Facts): string {
  const { testRowsInTraining = 0 } = data ?? {};
  return testRowsInTraining === 0 ? '' : ` Of the test rows ${testRowsInTraining} also stand in the training part.`;
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
