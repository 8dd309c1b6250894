// The controller of TrainingJobs, and the poller of what their running pods say of themselves.
import type { ProgressReport } from '@sluice/crds/contract.ts';
import { trainingJobSpecSchema, trainingJobStatusSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { labels } from '../../core/names.ts';
import { planTrainingJob } from '../../core/trainingjob/plan.ts';
import { mayDecide } from '../../core/trainingjob/progress.ts';
import type { Controller } from '../../kube/controller/controller.ts';
import { toController, toSelf, watch } from '../../kube/controller/watches.ts';
import { claimIndex } from '../caches.ts';
import { toLabelled, toReferrers } from '../mappers.ts';
import { PodPoller, type PodQuestion } from '../measure/pod-poller.ts';
import { trainingProgress } from '../measure/training-progress.ts';
import { createTrainingJobObserver } from '../observe/training-job.ts';
import { resources } from '../resources.ts';
import { StatusBudget } from '../status-budget.ts';
import { type ControllerParts, childrenIn, createController } from './controller-parts.ts';

/** The controller; `close` ends the questions to pods. `question` is what they are asked. */
export function trainingJobController(
  parts: ControllerParts,
  question: PodQuestion<ProgressReport> = trainingProgress,
): { readonly controller: Controller; close(): Promise<void> } {
  const { caches, client, settings } = parts;
  const wake = (key: string) => controller.enqueue(key);
  const budget = new StatusBudget({ onTurn: wake, instruments: parts.instruments });
  const progress = new PodPoller<ProgressReport>(question, (key, { before, report }) => {
    if (mayDecide(before, report) || !budget.isWaiting(key)) wake(key);
  });
  const observe = createTrainingJobObserver({ caches, client, progress });
  const { images, imagePullPolicy, podDefaults, podUser } = settings;
  const planSettings = { trainerImage: images.trainer, imagePullPolicy, podDefaults, podUser };
  const controller: Controller = createController(parts, {
    name: 'trainingjob',
    plumbing: {
      resource: resources.trainingJobs,
      store: caches.trainingJobs,
      spec: trainingJobSpecSchema,
      status: trainingJobStatusSchema,
      children: childrenIn(caches, ['jobs', 'modelVersions', 'configMaps']),
      observe,
      plan: (observed, now) => planTrainingJob(observed, now, planSettings),
      budget,
    },
    watches: [
      watch(caches.trainingJobs, toSelf),
      watch(caches.jobs, toController(resources.trainingJobs)),
      watch(caches.pods, toLabelled(labels.trainingJob)),
      // The numbers of a model name the job that they were written for.
      watch(caches.configMaps, toLabelled(labels.trainingJob)),
      watch(caches.persistentVolumeClaims, toReferrers(caches.trainingJobs, claimIndex)),
    ],
    measure: (key, requests) =>
      progress.want(
        key,
        requests.filter((request) => request.type === 'TrainingProgress'),
      ),
  });
  const close = async () => {
    budget.close();
    await progress.close();
  };
  return { controller, close };
}
