// A container that something else has put into a trainer's pod, on a real kubelet: it runs on when the trainer has ended.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { containerSecurityContext } from '@sluice/operator/core/pods/restricted-pod.ts';
import { attemptJob } from '@sluice/operator/core/trainingjob/job.ts';
import { twoClasses } from './datasets.ts';
import { dataset, models, trainingJob } from './manifests.ts';
import { apiVersion, type Conditioned, condition, World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open('injected');
  await world.apply(models);
}, 60_000);

afterAll(() => world.close());

/** As the operator was installed with it. */
const trainerImage = () => {
  const value = '{.spec.template.spec.containers[0].env[?(@.name=="SLUICE_TRAINER_IMAGE")].value}';
  return world.kubectl([
    '--namespace',
    'sluice-system',
    'get',
    'deployment',
    'sluice-operator',
    '-o',
    `jsonpath=${value}`,
  ]);
};

const sidecarCode = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1000);";

/** The Job of the first attempt as an admission webhook would hand it on: with a container that never ends. */
function jobWithSidecar({ metadata, spec }: Conditioned, image: string): object {
  const settings = {
    trainerImage: image,
    imagePullPolicy: 'IfNotPresent',
    podDefaults: noPodDefaults,
    podUser: 'Fixed',
  } as const;
  const { name, namespace = world.namespace, uid, generation = 1, creationTimestamp = '' } = metadata;
  const stored = { name, namespace, uid, generation, creationTimestamp };
  const owned = { metadata: stored, spec: trainingJobSpecSchema.parse(spec), status: undefined };
  const job = JSON.parse(JSON.stringify(attemptJob(owned, 1, settings)));
  job.metadata.ownerReferences = [{ apiVersion, kind: 'TrainingJob', name, uid, controller: true }];
  job.spec.template.spec.containers.unshift({
    name: 'sidecar',
    image: world.place.nodeImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', sidecarCode],
    securityContext: containerSecurityContext,
  });
  return job;
}

test('a sidecar that runs on keeps no training from its end, and a column of any name arrives as it was written', async () => {
  const target = 'price ($$) $(HOME)';
  const data = { source: { configMap: { name: 'later', key: 'rows.csv' } }, target };
  await world.apply(trainingJob('meshed', { data }));
  const waiting = await world.until(
    { kind: 'TrainingJob', name: 'meshed' },
    (job) => condition(job, 'Ready')?.reason === 'InputInvalid',
  );
  await world.apply(jobWithSidecar(waiting, await trainerImage()));
  await world.apply(
    dataset(
      'later',
      twoClasses(200).replace('label', () => target),
    ),
  );
  const complete = { type: 'Complete', status: 'True' };
  const { status } = await world.untilCondition({ kind: 'TrainingJob', name: 'meshed', within: 120 }, complete);
  expect(status).toMatchObject({ attempt: 1, modelVersion: 'meshed-1' });
  const ownPods = () => world.list('Pod', 'sluice.dev/training-job=meshed');
  const [pod] = await ownPods();
  expect(pod?.status?.['phase']).toBe('Running');
  await world.eventually({ what: 'no pod of meshed' }, async () => ((await ownPods()).length === 0 ? true : undefined));
}, 240_000);
