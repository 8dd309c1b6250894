// A revision that was pinned with an image which no node can get or start takes the one that the chart says now, under its
// name; one whose pods answer, or did, keeps its own whatever the chart says.
import { describe, expect, test } from '@jest/globals';
import { annotations, labels } from '../../names.ts';
import type { ObservedContainer } from '../../pods/observed.ts';
import type { ModelDeploymentObserved, ObservedWorkload, ServerPod } from '../observed.ts';
import { planModelDeployment } from '../plan.ts';
import {
  modelDeployment,
  observe,
  pinned,
  record,
  revision,
  serverPod,
  settings,
  start,
  version,
  workload,
} from '../testing/samples.ts';
import { podTemplate } from './workloads.ts';

const corrected = { ...settings, serverImage: 'server:2' };
const own = revision(1).revision;
const template = podTemplate('digits', revision(1), settings);

const waiting = (reason: string): ObservedContainer => ({ name: 'server', state: { waiting: { reason } } });
const initializing: ServerPod['status'] = { containerStatuses: [waiting('PodInitializing')] };
const fetching = (state: ObservedContainer['state']): ServerPod['status'] => ({
  ...initializing,
  initContainerStatuses: [{ name: 'fetch', state }],
});
const noImage = fetching({ waiting: { reason: 'ErrImagePull' } });
const notBegun = { exitCode: 128, reason: 'StartError', startedAt: '1970-01-01T00:00:00Z' };

type Made = { readonly ready?: number; readonly image?: string; readonly progress?: string };

/** The Deployment of the revision, as this operator made it. */
function made({ ready = 0, image, progress = 'ReplicaSetUpdated' }: Made = {}): ObservedWorkload {
  const { metadata, status } = workload(1, ready);
  const conditions = [{ type: 'Progressing', status: 'True', reason: progress }];
  return {
    metadata: { ...metadata, annotations: image === undefined ? {} : { [annotations.serverImage]: image } },
    spec: { replicas: 2, template },
    status: { ...status, conditions },
  };
}

const seen = (pods: readonly ServerPod['status'][], workloads = [made()]): ModelDeploymentObserved =>
  observe({
    modelDeployment: modelDeployment({}, {
      conditions: [],
      candidate: record(1),
      traffic: [],
    } as never),
    versions: [version(1)],
    revisions: [pinned(1)],
    workloads,
    pods: pods.map((status) => serverPod(1, status)),
  });

type Deployment = {
  readonly metadata: { readonly annotations?: Record<string, string>; readonly labels?: Record<string, string> };
  readonly spec: { readonly template: typeof template };
};

/** What the plan makes of it: the names of revisions with pods, the images of their containers, and what is noted. */
function planned(observed: ModelDeploymentObserved, today = corrected) {
  const found = planModelDeployment(observed, start, today).desired.filter(
    ({ manifest, lifetime }) => manifest.kind === 'Deployment' && lifetime === 'Managed',
  );
  return found.map(({ manifest }) => {
    const { metadata, spec } = manifest as unknown as Deployment;
    const containers = [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers];
    const images = new Set(containers.map((each) => (each as { image?: string }).image));
    const noted = metadata.annotations?.[annotations.serverImage];
    return { revision: metadata.labels?.[labels.revision], images: [...images], noted };
  });
}

const keeps = [{ revision: own, images: ['server:1'], noted: undefined }];
const takes = [{ revision: own, images: ['server:2'], noted: 'server:2' }];

describe('a revision that was pinned with another image', () => {
  test.each<[string, readonly ServerPod['status'][]]>([
    ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError'].map(
      (reason): [string, ServerPod['status'][]] => [reason, [fetching({ waiting: { reason } }), initializing]],
    ),
    ['an image whose user may not run', [fetching({ waiting: { reason: 'CreateContainerConfigError' } })]],
    ['an image without the program', [fetching({ terminated: notBegun })]],
    ['one pod of several that has not come so far', [noImage, {}]],
  ])('takes today’s under its name when no pod could ever start: %s', (_what, pods) => {
    expect(planned(seen(pods))).toEqual(takes);
  });

  test.each<[string, readonly ServerPod['status'][], ObservedWorkload]>([
    ['a pod is ready, though another cannot get it', [noImage, {}], made({ ready: 1 })],
    ['all were ready once', [noImage], made({ progress: 'NewReplicaSetAvailable' })],
    ['a pod runs and is not ready yet', [noImage, fetching({ running: {} })], made()],
    ['a pod has run and ended', [noImage, fetching({ terminated: { exitCode: 21 } })], made()],
    ['pods merely start', [fetching({ waiting: { reason: 'ContainerCreating' } })], made()],
    ['there are no pods yet', [], made()],
    [
      'only what others added cannot get its image',
      [{ containerStatuses: [{ ...waiting('ErrImagePull'), name: 'proxy' }] }],
      made(),
    ],
  ])('keeps its own while %s', (_what, pods, workloads) => {
    expect(planned(seen(pods, [workloads]))).toEqual(keeps);
  });

  test('keeps its own while the chart says nothing else', () => {
    expect(planned(seen([noImage]), settings)).toEqual(keeps);
  });

  test('keeps what took its place once pods run with it, whatever the chart says then', () => {
    const later = { ...settings, serverImage: 'server:3' };
    expect(planned(seen([fetching({ running: {} })], [made({ image: 'server:2' })]), later)).toEqual(takes);
    expect(planned(seen([], [made({ image: 'server:2', ready: 2 })]), later)).toEqual(takes);
  });

  test('takes the next one when that cannot be had either, and its own again when the chart says so', () => {
    const still = seen([noImage], [made({ image: 'server:0' })]);
    expect(planned(still)).toEqual(takes);
    expect(planned(still, settings)).toEqual(keeps);
  });

  test('has what somebody wrote over the template put right', () => {
    const healed = made({ image: 'server:2', ready: 2 });
    expect(planned(seen([], [{ ...healed, spec: { replicas: 2, template } }]))).toEqual(takes);
  });

  test.each(['', 'x'.repeat(513)])('believes no note that is no image', (image) => {
    expect(planned(seen([], [made({ image, ready: 1 })]))).toEqual(keeps);
  });

  test('is pinned as before: what is pinned never changes', () => {
    const plan = planModelDeployment(seen([noImage]), start, corrected);
    const pin = plan.desired.find(({ manifest }) => manifest.kind === 'ControllerRevision');
    expect(pin?.manifest['data']).toEqual(pinned(1).data);
  });
});
