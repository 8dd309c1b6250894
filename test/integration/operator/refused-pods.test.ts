// A Job whose pod nobody takes, on a real apiserver. No Job controller runs there: the test makes the pod as that does, and
// says in an Event of the Job what the apiserver answered, in its words and by its API.
import { beforeEach, expect, jest, test } from '@jest/globals';
import { ApiError } from '@sluice/operator/kube/errors.ts';
import { EventRecorder } from '@sluice/operator/kube/events/events.ts';
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { bundleUri, changed, minimal } from '../crds/manifests.ts';
import { eachInControlledNamespace, makeClaims, until, untilRefused } from './controllers-in-cluster.ts';

jest.setTimeout(60_000);

const core = (kind: string, plural: string): Resource => ({ group: '', version: 'v1', kind, plural, namespaced: true });
const limitRanges = core('LimitRange', 'limitranges');
const quotas = core('ResourceQuota', 'resourcequotas');
const trainingJob = { resource: resources.trainingJobs, name: 'digits' };
const modelVersion = { resource: resources.modelVersions, name: 'digits-3' };

const here = eachInControlledNamespace();
const { apply } = here;
beforeEach(() => makeClaims(here));

const manifestOf = (kind: string, changes = {}) => changed(minimal[kind] as never, changes);

type Job = Stored & { readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } } };

async function jobOf(owner: Stored): Promise<Job> {
  let found: Job | undefined;
  await until(async () => {
    const { items } = await here.cluster.client.list<Job>(resources.jobs, { namespace: here.cluster.namespace });
    found = items.find(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid));
    return found !== undefined;
  }, 20_000);
  if (found === undefined) throw new Error('no Job');
  return found;
}

/** As kube-controller-manager does; the pod's name is another at each try. */
function makePod({ apiVersion, kind, metadata, spec }: Job, suffix: string): Promise<Stored> {
  const { name, uid } = metadata;
  const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }];
  return here.cluster.client.create(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...spec.template.metadata,
      name: `${name}-${suffix}`,
      namespace: here.cluster.namespace,
      ownerReferences,
    },
    spec: spec.template.spec,
  } as KubeObject);
}

/** As kube-controller-manager does, by core/v1. */
async function sayThatNoPod(job: Job, said: string): Promise<void> {
  const { name, namespace, uid } = job.metadata;
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  await here.cluster.client.create(core('Event', 'events'), {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${Date.now().toString(16)}`, namespace },
    involvedObject: { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid },
    type: 'Warning',
    reason: 'FailedCreate',
    message: `Error creating: ${said}`,
    source: { component: 'job-controller' },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  } as KubeObject);
}

/** Tries to make the pod until the apiserver refuses it with these words, which takes until it has heard of the cause. */
async function refuse(job: Job, words: RegExp): Promise<void> {
  let said = '';
  await until(async () => {
    said = await makePod(job, 'aaaaa').then(
      ({ metadata }) => here.cluster.client.delete(resources.pods, metadata, { uid: metadata.uid }).then(() => ''),
      (error: unknown) => (error instanceof ApiError ? error.said : String(error)),
    );
    return words.test(said);
  }, 10_000);
  await sayThatNoPod(job, said);
}

const limitRange = (): Promise<Stored> =>
  apply(limitRanges, {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'small' },
    spec: { limits: [{ type: 'Container', max: { memory: '1Mi' } }] },
  } as KubeObject);

/** Without a controller manager, what a quota allows is what its status says. */
async function quota(): Promise<Stored> {
  const hard = { pods: '0' };
  const [apiVersion, kind] = ['v1', 'ResourceQuota'];
  const made = await apply(quotas, { apiVersion, kind, metadata: { name: 'few' }, spec: { hard } } as KubeObject);
  const { name, namespace, uid } = made.metadata;
  await here.cluster.client.applyStatus(quotas, {
    apiVersion,
    kind,
    metadata: { name, namespace, uid },
    status: { hard, used: { pods: '0' } },
  });
  return made;
}

const remove = (resource: Resource, { metadata }: Stored) =>
  here.cluster.client.delete(resource, metadata, { uid: metadata.uid });

async function makePodWhenTaken(job: Job): Promise<void> {
  await until(
    () =>
      makePod(job, 'ccccc').then(
        () => true,
        () => false,
      ),
    10_000,
  );
}

const byLimitRange = /^pod of Job .*: maximum memory usage per Container is 1Mi.*Ask for what the LimitRange allows/;

test('the words of who refuses the pod are on the TrainingJob within seconds, newest first, and go when it is there', async () => {
  const few = await quota();
  const job = await jobOf(await apply(resources.trainingJobs, manifestOf('TrainingJob')));
  const other = new EventRecorder({ client: here.cluster.client, component: 'other', instance: 'other' });
  other.record(job, { type: 'Warning', reason: 'SomethingElse', action: 'Look', note: 'no business of ours' });
  await other.flush();
  const startMs = performance.now();
  await refuse(job, /exceeded quota/);
  const said = await untilRefused(
    here.cluster,
    trainingJob,
    /^pod of Job digits-1: exceeded quota: few.*Raise the Resource/,
  );
  expect(performance.now() - startMs).toBeLessThan(10_000);
  expect(said.map(({ type, status, reason }) => `${type}=${status}/${reason}`)).toEqual(
    expect.arrayContaining(['Ready=False/ChildRefused', 'Reconciling=True/ChildRefused']),
  );
  const small = await limitRange();
  await refuse(job, /maximum memory/);
  await untilRefused(here.cluster, trainingJob, byLimitRange);
  await remove(limitRanges, small);
  await remove(quotas, few);
  await makePodWhenTaken(job);
  const after = await untilRefused(here.cluster, trainingJob, undefined);
  expect(after.find(({ type }) => type === 'Ready')?.reason).not.toBe('ChildRefused');
});

test('and on the ModelVersion whose bundle is to be verified', async () => {
  const small = await limitRange();
  const version = manifestOf('ModelVersion', { 'spec.bundle.uri': bundleUri('digits') });
  const job = await jobOf(await apply(resources.modelVersions, version));
  await refuse(job, /maximum memory/);
  await untilRefused(here.cluster, modelVersion, byLimitRange);
  await remove(limitRanges, small);
  await makePodWhenTaken(job);
  await untilRefused(here.cluster, modelVersion, undefined);
});
