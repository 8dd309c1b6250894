// The ModelVersion planner: a version that a job of this namespace published is good by its making; any other is verified by
// a Job before anything serves it. The Job that refused a bundle stays until it is looked at again, and so is the memory of when.
import type { BundleRejection } from '@sluice/crds/contract.ts';
import { parseBundleUri } from '@sluice/crds/locations.ts';
import { type ModelVersionReason, type ReasonPlace, reasons } from '@sluice/crds/reasons.ts';
import type { ModelVersionSpec, ModelVersionStatus } from '@sluice/crds/v1alpha1/model-version.ts';
import { formatTime, mergeConditions, type Statement, secondsSince, shorten } from '../conditions.ts';
import { obstacleAt } from '../locations/obstacle.ts';
import type { Given } from '../numbers/numbers.ts';
import { type Child, type Instant, type Plan, wakeIn } from '../plan.ts';
import { controllerOf, podsOfJob } from '../pods/children.ts';
import type { Ending } from '../pods/one-shot/ending.ts';
import { jobIdentity } from '../pods/one-shot/job.ts';
import { lostAfterSeconds, type OneShotState, oneShotState } from '../pods/one-shot/state.ts';
import { explainWaiting } from '../pods/one-shot/waiting.ts';
import { toldOfPod } from '../refusals.ts';
import type { ModelVersion, ModelVersionObserved, ModelVersionSettings } from './observed.ts';
import { isExpected, isPublished, numberToKeep, otherModel } from './provenance.ts';
import { verificationJob, verificationName } from './verification-job.ts';
import { type Verdict, verifier, verifierWish } from './verifier.ts';

type Standing = 'Ready' | 'Stalled' | 'Reconciling' | 'Unknown';
type Outcome = {
  readonly standing: Standing;
  readonly reason: ModelVersionReason;
  readonly message: string;
  /** Of `Stalled`: what is missing may come by itself. */
  readonly mayPass?: true;
  readonly job?: 'Create' | 'Keep';
  readonly wakeSeconds?: number;
};

/** How long the pod may take to start; then the Job is made anew. */
const startSeconds = 600;
/** A bundle may still be copied; a broken one is seldom mended in place. */
const lookAgainSeconds = { claim: 5, missing: 60, otherwise: 600 } as const;

/** Seconds until it is looked at again whether the job has told. */
const lookForJobSeconds = 10;

const remedies: Readonly<Record<BundleRejection['reason'], string>> = {
  BundleMissing: 'Copy the bundle there; it is looked at again every minute.',
  BundleCorrupt: 'Copy the bundle again, or delete this version and import the right digest.',
  BundleUnsupported: 'Make the bundle anew with a format that this release serves.',
};

const refusals = ['BundleMissing', 'BundleCorrupt', 'BundleUnsupported', 'VerificationNotStarting'] as const;

/** Plans one ModelVersion. */
export function planModelVersion(
  observed: ModelVersionObserved,
  now: Instant,
  settings: ModelVersionSettings,
): Plan<ModelVersionStatus> {
  const { modelVersion } = observed;
  const { generation } = modelVersion.metadata;
  const outcome = decide(observed, now);
  const previous = modelVersion.status?.conditions;
  if (outcome === undefined) return untold(modelVersion);
  const conditions = mergeConditions(previous, statements(outcome), { generation, now });
  return {
    desired: [...children(observed, outcome, settings), ...numbers(observed, outcome)],
    status: { observedGeneration: generation, conditions },
    events: events(previous?.find(({ type }) => type === 'Ready')?.reason, outcome),
    measure: [],
    ...wakeIn(outcome.wakeSeconds === undefined ? [] : [outcome.wakeSeconds]),
  };
}

/** A moment that nobody needs to hear of: its job tells of the version next. */
const untold = ({ status }: ModelVersion): Plan<ModelVersionStatus> => ({
  desired: [],
  status: status ?? { observedGeneration: -1 },
  events: [],
  measure: [],
  wakeAfterSeconds: lookForJobSeconds,
});

function decide(observed: ModelVersionObserved, now: Instant): Outcome | undefined {
  const { metadata, spec, status } = observed.modelVersion;
  const ready = status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True');
  if (ready !== undefined) return ready.reason === 'Published' ? published(spec.lineage) : imported;
  const other = otherModel(observed);
  if (other !== undefined) return numberUsed(spec, other);
  if (isPublished(observed)) return published(spec.lineage);
  if (isExpected(observed, now)) return undefined;
  const job = observed.jobs.find((one) => controllerOf(one)?.uid === metadata.uid);
  if (job === undefined) return start(observed);
  const state = oneShotState({ job, pods: podsOfJob(observed.pods, job.metadata) }, verifier, now);
  if (state.type === 'Ended') return judge(state.ending, secondsSince(state.endedAt ?? formatTime(now), now));
  return waitFor(observed, state, now);
}

const published = ({ trainingJob }: ModelVersionSpec['lineage']): Outcome => ({
  standing: 'Ready',
  reason: 'Published',
  message: `published by TrainingJob ${trainingJob?.name ?? ''}: a ModelDeployment can serve it.`,
});

function numberUsed({ modelName, number }: ModelVersionSpec, { digest }: Given): Outcome {
  const message = `number ${number} of ${modelName} was given to the model ${digest.slice(0, 19)}…. Delete this version and import the model under the next number.`;
  return { standing: 'Stalled', reason: 'NumberUsed', message, wakeSeconds: lookAgainSeconds.missing };
}

const imported: Outcome = {
  standing: 'Ready',
  reason: 'Imported',
  message: 'imported: its bundle has the digest that it claims. A ModelDeployment can serve it.',
};

const storageReasons = { Missing: 'StorageMissing', ReadOnly: 'StorageUnfit', NoFiles: 'StorageUnfit' } as const;

/** Without its place a Job could only wait, and would say less. */
function start(observed: ModelVersionObserved): Outcome {
  const location = parseBundleUri(observed.modelVersion.spec.bundle.uri);
  const obstacle = location && obstacleAt(location, observed.storage, 'Read');
  if (obstacle === undefined) return { ...verifying(observed, 'verifies the bundle'), job: 'Create' };
  const { kind, message: what, remedy } = obstacle;
  const rest = { standing: 'Stalled', reason: storageReasons[kind], wakeSeconds: lookAgainSeconds.claim } as const;
  return kind === 'Missing'
    ? { ...rest, message: `spec.bundle.uri: ${what}. ${remedy}, and the bundle is verified.`, mayPass: true }
    : { ...rest, message: `spec.bundle.uri: ${what}. ${remedy} in a new ModelVersion.` };
}

/** A verification on its way: it waits, it runs, or somebody holds it back. */
function waitFor(observed: ModelVersionObserved, state: OneShotState<Verdict>, now: Instant): Outcome {
  if (state.type === 'Suspended') {
    const name = verificationName(observed.modelVersion.metadata.name);
    const message = `Job ${name} is suspended by something else, such as a queue: set its spec.suspend to false to verify the bundle.`;
    return { standing: 'Unknown', reason: 'JobSuspended', message, job: 'Keep' };
  }
  if (state.type === 'Waiting') return waitForPod(observed, state, now);
  const absence = state.type === 'Running' ? state.absence : undefined;
  if (absence === undefined) return verifying(observed, 'verifies the bundle');
  return verifying(
    observed,
    `verifies the bundle on node ${absence.node}, which does not answer since ${absence.since}`,
  );
}

/** What does not start is said, and given up for a new Job in the end. */
function waitForPod(observed: ModelVersionObserved, wait: WaitingState, now: Instant): Outcome {
  const { metadata, status } = observed.modelVersion;
  const job = verificationName(metadata.name);
  const cause = explainWaiting(wait.pod, verifierWish(job));
  const leftSeconds = startSeconds - secondsSince(wait.since, now);
  if (leftSeconds <= 0 || cause.stalled) {
    const remedy = 'It is tried again every ten minutes.';
    const why = (wait.pod === undefined ? toldOfPod(status?.conditions, job) : undefined) ?? cause.message;
    const message = `the verification does not start: ${shorten(why, 166 - remedy.length)} ${remedy}`;
    const rest = leftSeconds <= 0 ? {} : ({ job: 'Keep', wakeSeconds: leftSeconds, mayPass: true } as const);
    return { standing: 'Stalled', reason: 'VerificationNotStarting', message, ...rest };
  }
  const why = cause.reason === 'PodPending' ? '' : `; its pod waits: ${cause.message.replace(/\.$/, '')}`;
  return verifying(observed, `verifies the bundle${why}`);
}

type WaitingState = Extract<OneShotState<Verdict>, { type: 'Waiting' }>;

/** A verdict stands until the next one. */
function verifying({ modelVersion }: ModelVersionObserved, what: string): Outcome {
  const rest = { job: 'Keep', wakeSeconds: lostAfterSeconds } as const;
  const stalled = modelVersion.status?.conditions?.find(({ type }) => type === 'Stalled');
  const reason = refusals.find((name) => name === stalled?.reason);
  if (stalled !== undefined && reason !== undefined) {
    return { standing: 'Stalled', reason, message: stalled.message, ...rest };
  }
  const message = `Job ${verificationName(modelVersion.metadata.name)} ${what}.`;
  return { standing: 'Reconciling', reason: 'Verifying', message, ...rest };
}

function judge(ending: Ending<Verdict>, endedSeconds: number): Outcome {
  if (ending.type !== 'Result') {
    const message = ending.type === 'Failure' ? ending.message : 'the verification was told to stop';
    const what = `${shorten(message, 150).replace(/[.…]$/, '')}. It is tried again every minute.`;
    return { standing: 'Reconciling', reason: 'VerificationFailed', message: what, ...until('missing', endedSeconds) };
  }
  const { result } = ending;
  if (result.type === 'Good') return imported;
  const remedy = remedies[result.reason];
  const message = `${shorten(result.message, 190 - remedy.length)} ${remedy}`;
  const pause = result.reason === 'BundleMissing' ? 'missing' : 'otherwise';
  return { standing: 'Stalled', reason: result.reason, message, ...until(pause, endedSeconds) };
}

/** The Job that ended is kept until the bundle is looked at again. */
function until(pause: 'missing' | 'otherwise', endedSeconds: number): Pick<Outcome, 'job' | 'wakeSeconds'> {
  const leftSeconds = lookAgainSeconds[pause] - endedSeconds;
  return leftSeconds > 0 ? { job: 'Keep', wakeSeconds: leftSeconds } : {};
}

function statements({ standing, reason, message, mayPass }: Outcome): Statement[] {
  const ready = standing === 'Ready' ? 'True' : standing === 'Stalled' ? 'False' : 'Unknown';
  const own: Statement = { type: 'Ready', status: ready, reason, message };
  if (standing === 'Ready' || standing === 'Unknown') return [own];
  return [own, { type: standing, status: 'True', reason, message, ...(mayPass ? { mayPass } : {}) }];
}

function events(
  before: string | undefined,
  { standing, reason, message }: Outcome,
): Plan<ModelVersionStatus>['events'] {
  const places: readonly ReasonPlace[] = reasons.ModelVersion[reason].on;
  if (before === reason || !places.includes('Event')) return [];
  return [{ type: standing === 'Stalled' ? 'Warning' : 'Normal', reason, message }];
}

function numbers(observed: ModelVersionObserved, { standing }: Outcome): Child[] {
  const child = numberToKeep(observed, standing === 'Ready');
  return child === undefined ? [] : [child];
}

function children({ modelVersion }: ModelVersionObserved, { job }: Outcome, settings: ModelVersionSettings): Child[] {
  if (job === undefined) return [];
  if (job === 'Keep') {
    const { name, namespace } = modelVersion.metadata;
    return [{ manifest: jobIdentity(verificationName(name), namespace), lifetime: 'Retained' }];
  }
  return [{ manifest: verificationJob(modelVersion, settings), lifetime: 'CreateOnce' }];
}
