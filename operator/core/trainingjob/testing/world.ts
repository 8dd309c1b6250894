// A tiny world around the planner: it stores what a plan desires, as the shell and the Job controller would, and lets the
// pod of a Job run and end. Nothing here decides anything that the planner should.
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { formatTime } from '../../conditions.ts';
import type { Child, Instant, Plan } from '../../plan.ts';
import { controllerOf, hasEnded, jobFinishedAt } from '../../pods/children.ts';
import type { ContainerEnd, ObservedJob, ObservedPod } from '../../pods/observed.ts';
import type { ObservedVersion, TrainingJobObserved } from '../observed.ts';
import { planTrainingJob } from '../plan.ts';
import { endedPod, finishedJob, job, observe, pod, runningPod, settings, start, trainingJob } from './samples.ts';

export class World {
  now: Instant = start;
  observed: TrainingJobObserved;
  /** Attempts whose Job was created, in order. */
  readonly created: number[] = [];

  /** Whether there is no room for a status that can wait. */
  isCrowded = false;

  /** Whether the pods of a pruned Job go on until they end or `removeStopping` is called. */
  podsLinger = false;

  constructor(specChanges: { readonly [field: string]: unknown } = {}) {
    this.observed = observe({ trainingJob: trainingJob(specChanges) });
  }

  get status(): TrainingJobStatus {
    return this.observed.trainingJob.status ?? { observedGeneration: -1 };
  }

  condition(type: string): string | undefined {
    return this.status.conditions?.find((condition) => condition.type === type)?.status;
  }

  /** One round: plan, apply, store the status if it is to be stored now. */
  round(): Plan<TrainingJobStatus> {
    const plan = planTrainingJob(this.observed, this.now, settings);
    this.#apply(plan.desired);
    if (!(plan.statusCanWait && this.isCrowded)) this.#change({ status: plan.status });
    return plan;
  }

  /** Rounds at one moment until nothing changes any more. @returns how many changed something */
  settle(): number {
    for (let rounds = 0; rounds < 20; rounds += 1) {
      const before = JSON.stringify(this.observed);
      this.round();
      if (JSON.stringify(this.observed) === before) return rounds;
    }
    throw new Error(`no fixed point: ${JSON.stringify(this.status)}`);
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  setSpec(changes: { readonly [field: string]: unknown }): void {
    const spec = { ...this.observed.trainingJob.spec, ...changes };
    const { metadata } = this.observed.trainingJob;
    this.#change({ spec, metadata: { ...metadata, generation: metadata.generation + 1 } });
  }

  /** The pod of the newest Job starts. */
  startPod(): void {
    this.#replacePods((one) => (hasEnded(one) ? one : runningPod(attemptOf(one), formatTime(this.now))));
  }

  /** Every pod that lives ends so, and the Job controller notices. */
  endPods(end: ContainerEnd): void {
    const finishedAt = formatTime(this.now);
    this.#replacePods((one) => (hasEnded(one) ? one : endedPod(attemptOf(one), { finishedAt, ...end })));
    this.#finishJobs();
  }

  /** A person, or the cluster, deletes everything that belongs to the job. */
  deleteChildren(): void {
    this.observed = { ...this.observed, jobs: [], pods: [] };
  }

  deletePods(): void {
    this.observed = { ...this.observed, pods: [] };
    this.#finishJobs();
  }

  setStorage(exists: boolean): void {
    this.observed = { ...this.observed, storage: exists ? observe().storage : {} };
  }

  addVersion(version: ObservedVersion): void {
    this.observed = { ...this.observed, versions: [...this.observed.versions, version] };
  }

  #change(changes: Partial<TrainingJobObserved['trainingJob']>): void {
    this.observed = { ...this.observed, trainingJob: { ...this.observed.trainingJob, ...changes } };
  }

  #replacePods(replace: (one: ObservedPod) => ObservedPod): void {
    const pods = this.observed.pods.map((one) => ({ ...one, status: replace(one).status }));
    this.observed = { ...this.observed, pods };
  }

  #finishJobs(): void {
    const living = new Set(this.observed.pods.filter((one) => !hasEnded(one)).map((one) => controllerOf(one)?.name));
    const jobs = this.observed.jobs.map((one) =>
      living.has(one.metadata.name) || jobFinishedAt(one) !== undefined
        ? one
        : { ...one, status: finishedJob(numberOf(one.metadata.name), 'Failed', formatTime(this.now)).status },
    );
    this.observed = { ...this.observed, jobs };
  }

  /** The kubelet is done with the pods whose Job is gone. */
  removeStopping(): void {
    const names = new Set(this.observed.jobs.map(({ metadata }) => metadata.name));
    const pods = this.observed.pods.filter((one) => names.has(controllerOf(one)?.name ?? ''));
    this.observed = { ...this.observed, pods };
  }

  /** Creates, keeps and prunes. */
  #apply(desired: readonly Child[]): void {
    const names = new Set(desired.map(({ manifest }) => manifest.metadata.name));
    const jobs = this.observed.jobs.filter(({ metadata }) => names.has(metadata.name));
    const pods = this.observed.pods.filter((one) => this.podsLinger || names.has(controllerOf(one)?.name ?? ''));
    for (const { manifest, lifetime } of desired) {
      const exists = jobs.some(({ metadata }) => metadata.name === manifest.metadata.name);
      if (manifest.kind === 'ModelVersion') this.#createVersion(manifest);
      if (manifest.kind === 'ConfigMap') this.#writeNumbers(manifest);
      if (lifetime !== 'CreateOnce' || exists) continue;
      const attempt = numberOf(manifest.metadata.name);
      this.created.push(attempt);
      jobs.push(this.#createdNow(job(attempt)));
      pods.push(this.#createdNow(pod(attempt)));
    }
    this.observed = { ...this.observed, jobs, pods };
  }

  #createdNow<Child extends ObservedJob | ObservedPod>(child: Child): Child {
    return { ...child, metadata: { ...child.metadata, creationTimestamp: formatTime(this.now) } };
  }

  /** As the apiserver does: over the version that was read, and over no other. */
  #writeNumbers({ metadata, ...written }: Child['manifest']): void {
    const before = this.observed.numbers.configMap?.metadata.resourceVersion;
    if (metadata.resourceVersion !== before) throw new Error('409: the numbers were written since they were read');
    const after = { uid: 'numbers', resourceVersion: String(Number(before ?? 0) + 1) };
    this.setNumbers(written['data'] as Record<string, string>, after);
  }

  setNumbers(data: Readonly<Record<string, string>>, metadata = { uid: 'numbers', resourceVersion: '1' }): void {
    this.observed = { ...this.observed, numbers: { configMap: { metadata, data }, highestNamed: 0 } };
  }

  #createVersion(manifest: Child['manifest']): void {
    const { name } = manifest.metadata;
    if (this.observed.versions.some(({ metadata }) => metadata.name === name)) return;
    const metadata = { name, uid: `version-${name}`, creationTimestamp: formatTime(this.now) };
    const spec = manifest['spec'] as ObservedVersion['spec'];
    this.addVersion({ metadata, spec });
  }
}

const numberOf = (jobName: string) => Number(jobName.split('-').at(-1));
const attemptOf = (one: ObservedPod) => numberOf(controllerOf(one)?.name ?? '');
