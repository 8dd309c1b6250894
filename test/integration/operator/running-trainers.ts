// TrainingJobs whose trainers have just begun, with their Jobs and pods on loopback addresses, as caches hold them.
import { attemptName, labels } from '@sluice/operator/core/names.ts';
import { job, runningPod, spec } from '@sluice/operator/core/trainingjob/testing/samples.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { type Caches, createStores } from '@sluice/operator/shell/caches.ts';
import { resources } from '@sluice/operator/shell/resources.ts';

/** Which trainer; `address` is that of its pod. */
export type TrainerPlace = { readonly namespace: string; readonly name: string; readonly address: string };

/** Caches as after their first list, with these trainers at work. */
export function cachesWith(places: readonly TrainerPlace[]): Caches {
  const names = Object.keys(resources) as (keyof Caches)[];
  const caches = createStores();
  for (const name of names) caches[name].markSynced();
  for (const place of places) {
    const { trainingJob, child, pod } = trainer(place);
    caches.pods.upsert(pod);
    caches.jobs.upsert(child);
    caches.trainingJobs.upsert(trainingJob);
  }
  return caches;
}

function trainer({ namespace, name, address }: TrainerPlace) {
  const now = new Date().toISOString();
  const uid = `uid-${namespace}-${name}`;
  const common = { namespace, resourceVersion: '0', generation: 1, creationTimestamp: now };
  const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'TrainingJob', name, uid, controller: true };
  const maker = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: attemptName(name, 1),
    uid: `job-${uid}`,
    controller: true,
  };
  const marks = { [labels.trainingJob]: name, [labels.trainingJobUid]: uid, [labels.attempt]: '1' };
  const { metadata, ...child } = job(1);
  const pod = runningPod(1, now);
  return {
    trainingJob: stored(owner, {
      metadata: { ...common, name, uid },
      spec: spec(),
      status: { observedGeneration: 1, attempt: 1 },
    }),
    child: stored(maker, {
      ...child,
      metadata: { ...metadata, ...common, name: maker.name, uid: maker.uid, ownerReferences: [owner] },
    }),
    pod: stored(
      { apiVersion: 'v1', kind: 'Pod' },
      {
        ...pod,
        metadata: { ...common, name: `${maker.name}-x`, uid: `pod-${uid}`, labels: marks, ownerReferences: [maker] },
        status: { ...pod.status, podIP: address },
      },
    ),
  };
}

function stored<Body extends Pick<Stored, 'metadata'>>(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  body: Body,
): Stored {
  return { apiVersion, kind, ...body };
}
