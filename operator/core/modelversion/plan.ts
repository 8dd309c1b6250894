// The ModelVersion planner: a version that we made is good by its making; one that a person imported is verified by a Job
// before anything serves it. The Job that refused a bundle stays until it is looked at again, and so is the memory of when.
import type { BundleRejection } from '@sluice/crds/contract.ts';
import { type ModelVersionReason, type ReasonPlace, reasons } from '@sluice/crds/reasons.ts';
import type { ModelVersionStatus } from '@sluice/crds/v1alpha1/model-version.ts';
import { formatTime, mergeConditions, type Statement, secondsSince, shorten } from '../conditions.ts';
import type { Child, Instant, Plan } from '../plan.ts';
import { controllerOf, hasEnded, jobFinishedAt, podFinishedAt, podsOfJob } from '../pods/children.ts';
import type { ObservedJob, ObservedPod } from '../pods/observed.ts';
import type { ModelVersionObserved, ModelVersionSettings } from './observed.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { claimNameOf, verificationIdentity, verificationJob, verificationName } from './verification-job.ts';

type Standing = 'Ready' | 'Stalled' | 'Reconciling';
type Outcome = {
  readonly standing: Standing;
  readonly reason: ModelVersionReason;
  readonly message: string;
  /** Of `Stalled`: what is missing may come by itself. */
  readonly mayPass?: true;
  readonly job?: 'Create' | 'Keep';
  readonly wakeSeconds?: number;
};

/** A bundle may still be copied; a broken one is seldom mended in place. */
const lookAgainSeconds = { claim: 5, missing: 60, otherwise: 600 } as const;
/** Pods and Jobs come from different watches: a finished Job whose pod is not there may only be seen too early. */
const lostAfterSeconds = 5;

const remedies: Readonly<Record<BundleRejection['reason'], string>> = {
  BundleMissing: 'Copy the bundle there; it is looked at again every minute.',
  BundleCorrupt: 'Copy the bundle again, or delete this version and import the right digest.',
  BundleUnsupported: 'Make the bundle anew with a format that this release serves.',
};

const refusals = ['BundleMissing', 'BundleCorrupt', 'BundleUnsupported'] as const;

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
  const conditions = mergeConditions(previous, statements(outcome), { generation, now });
  return {
    desired: children(observed, outcome, settings),
    status: { observedGeneration: generation, conditions },
    events: events(previous?.find(({ type }) => type === 'Ready')?.reason, outcome),
    measure: [],
    ...(outcome.wakeSeconds === undefined ? {} : { wakeAfterSeconds: outcome.wakeSeconds }),
  };
}

function decide(observed: ModelVersionObserved, now: Instant): Outcome {
  const { metadata, spec, status } = observed.modelVersion;
  const { trainingJob } = spec.lineage;
  if (trainingJob !== undefined) {
    const message = `published by TrainingJob ${trainingJob.name}: a ModelDeployment can serve it.`;
    return { standing: 'Ready', reason: 'Published', message };
  }
  if (status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')) return imported;
  const job = observed.jobs.find((one) => controllerOf(one)?.uid === metadata.uid);
  if (job === undefined) return start(observed);
  const pod = podsOfJob(observed.pods, job.metadata)[0];
  const endedAt = endOf(job, pod, now);
  return endedAt === undefined ? waitFor(observed, pod) : judge(verdictOf(pod), secondsSince(endedAt, now));
}

const imported: Outcome = {
  standing: 'Ready',
  reason: 'Imported',
  message: 'imported: its bundle has the digest that it claims. A ModelDeployment can serve it.',
};

/** Without the claim a Job could only wait, and would say less. */
function start(observed: ModelVersionObserved): Outcome {
  const claimName = claimNameOf(observed.modelVersion.spec.bundle.uri);
  if (observed.claim === undefined) {
    const message = `spec.bundle.uri: PersistentVolumeClaim ${claimName} does not exist. Create it, and the bundle is verified.`;
    return {
      standing: 'Stalled',
      reason: 'StorageMissing',
      message,
      mayPass: true,
      wakeSeconds: lookAgainSeconds.claim,
    };
  }
  return { ...waitFor(observed, undefined), job: 'Create' };
}

/** A verdict stands until the next one. */
function waitFor({ modelVersion }: ModelVersionObserved, pod: ObservedPod | undefined): Outcome {
  const rest = { job: 'Keep', wakeSeconds: lostAfterSeconds } as const;
  const stalled = modelVersion.status?.conditions?.find(({ type }) => type === 'Stalled');
  const reason = refusals.find((name) => name === stalled?.reason);
  if (stalled !== undefined && reason !== undefined) {
    return { standing: 'Stalled', reason, message: stalled.message, ...rest };
  }
  const why = waitReason(pod);
  const message = `Job ${verificationName(modelVersion.metadata.name)} verifies the bundle${why === '' ? '' : `; its pod waits: ${why}`}.`;
  return { standing: 'Reconciling', reason: 'Verifying', message, ...rest };
}

function judge(verdict: Verdict, endedSeconds: number): Outcome {
  if (verdict.type === 'Good') return imported;
  const isMissing = verdict.type === 'Unknown' || verdict.reason === 'BundleMissing';
  const leftSeconds = (isMissing ? lookAgainSeconds.missing : lookAgainSeconds.otherwise) - endedSeconds;
  const rest = leftSeconds > 0 ? ({ job: 'Keep', wakeSeconds: leftSeconds } as const) : {};
  if (verdict.type === 'Unknown') {
    const message = `${shorten(verdict.message, 150)} It is tried again every minute.`;
    return { standing: 'Reconciling', reason: 'VerificationFailed', message, ...rest };
  }
  const remedy = remedies[verdict.reason];
  const message = `${shorten(verdict.message, 190 - remedy.length)} ${remedy}`;
  return { standing: 'Stalled', reason: verdict.reason, message, ...rest };
}

/** When the verification ended; undefined while it may still say something. */
function endOf(job: ObservedJob, pod: ObservedPod | undefined, now: Instant): string | undefined {
  const finishedAt = jobFinishedAt(job);
  if (pod !== undefined) return hasEnded(pod) ? (podFinishedAt(pod) ?? finishedAt ?? formatTime(now)) : undefined;
  return finishedAt !== undefined && secondsSince(finishedAt, now) >= lostAfterSeconds ? finishedAt : undefined;
}

function waitReason(pod: ObservedPod | undefined): string {
  const scheduled = pod?.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status !== 'True');
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting;
  return scheduled?.message ?? waiting?.message ?? waiting?.reason ?? '';
}

function statements({ standing, reason, message, mayPass }: Outcome): Statement[] {
  const ready = standing === 'Ready' ? 'True' : standing === 'Stalled' ? 'False' : 'Unknown';
  const own: Statement = { type: 'Ready', status: ready, reason, message };
  if (standing === 'Ready') return [own];
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

function children({ modelVersion }: ModelVersionObserved, { job }: Outcome, settings: ModelVersionSettings): Child[] {
  if (job === undefined) return [];
  if (job === 'Keep') return [{ manifest: verificationIdentity(modelVersion), lifetime: 'Retained' }];
  return [{ manifest: verificationJob(modelVersion, settings), lifetime: 'CreateOnce' }];
}
