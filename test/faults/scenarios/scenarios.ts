// The stories that every fault is tried on.
import { ground, modelDeployment, modelVersion, trainingJob } from './manifests.ts';
import type { Scenario } from './scenario.ts';
import { hasShare, isLive, isRejected, isTrue } from './snapshot.ts';

const train: Scenario = {
  name: 'train',
  title: 'a job runs out of memory, is tried again with a new retryToken, and makes a version',
  outOfMemory: ['fit/1'],
  actions: [
    { apply: [...ground, trainingJob('fit', { retry: { outOfMemory: 0 } })] },
    {
      when: ({ trainingJobs }) => isTrue(trainingJobs.get('fit'), 'Failed'),
      apply: [trainingJob('fit', { retry: { outOfMemory: 0 }, retryToken: 'again' })],
    },
  ],
  isDone: ({ trainingJobs, modelVersions }) =>
    isTrue(trainingJobs.get('fit'), 'Complete') && isTrue(modelVersions.get('points-1'), 'Ready'),
};

/** The first version serves; then somebody imports a second one. */
const secondVersion: Scenario['actions'] = [
  { apply: [...ground, modelVersion(1), modelDeployment('points')] },
  { when: (now) => isLive(now, 'points', 'points-1'), apply: [modelVersion(2)] },
];

const promote: Scenario = {
  name: 'promote',
  title: 'the first version is served; the second is evaluated, gets its traffic in steps, and replaces it',
  actions: secondVersion,
  isDone: (now) => isLive(now, 'points', 'points-2'),
};

const isBackOnFirst: Scenario['isDone'] = (now) =>
  isRejected(now, 'points', 'points-2') && isLive(now, 'points', 'points-1');

const refuse: Scenario = {
  name: 'refuse',
  title: 'the second version is wrong too often: it is refused before any traffic',
  qualities: { 'points-2': { right: 400, errorShare: 0 } },
  actions: secondVersion,
  preparing: 1,
  isDone: isBackOnFirst,
};

const rollBack: Scenario = {
  name: 'roll-back',
  title: 'the second version fails under traffic: it is taken back',
  qualities: { 'points-2': { right: 970, errorShare: 0.2 } },
  actions: secondVersion,
  preparing: 1,
  isDone: isBackOnFirst,
};

const remove: Scenario = {
  name: 'delete',
  title: 'a job and a deployment in the middle of a rollout are deleted; another deployment of the model stays',
  preparing: 3,
  actions: [
    { apply: [...ground, modelVersion(1), modelDeployment('points')] },
    // One after the other: which of two has which port would else depend on who comes first.
    { when: (now) => isLive(now, 'points', 'points-1'), apply: [modelDeployment('other')] },
    {
      when: (now) => isLive(now, 'points', 'points-1') && isLive(now, 'other', 'points-1'),
      apply: [trainingJob('fit')],
    },
    {
      when: ({ modelDeployments }) => hasShare(modelDeployments.get('other'), 'points-2'),
      remove: [
        { kind: 'ModelDeployment', name: 'other' },
        { kind: 'TrainingJob', name: 'fit' },
      ],
    },
  ],
  isDone: (now) =>
    !now.modelDeployments.has('other') && !now.trainingJobs.has('fit') && isLive(now, 'points', 'points-2'),
};

export const scenarios: readonly Scenario[] = [train, promote, refuse, rollBack, remove];
