// What the chart wishes of every pod is on every pod: a builder that forgets it fails here.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { evaluationOrderSchema } from '@sluice/crds/evaluation-contract.ts';
import { podDefaultsSchema } from '@sluice/crds/pod-defaults.ts';
import { modelDeploymentSpecSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { modelVersionSpecSchema } from '@sluice/crds/v1alpha1/model-version.ts';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { evaluationJob } from '../core/evaluation/job.ts';
import { gatewayChildren, gatewayLabels } from '../core/gateway/children.ts';
import type { ModelDeployment } from '../core/modeldeployment/observed.ts';
import { type Revision, revisionLabels, revisionOf } from '../core/modeldeployment/revision/revision.ts';
import { disruptionBudgets } from '../core/modeldeployment/workload/disruption.ts';
import { clientService, podTemplate, revisionChildren } from '../core/modeldeployment/workload/workloads.ts';
import { verificationJob } from '../core/modelversion/verification-job.ts';
import type { Child, Manifest } from '../core/plan.ts';
import { attemptJob } from '../core/trainingjob/job.ts';

const podDefaults = podDefaultsSchema.parse({
  scheduling: {
    nodeSelector: { pool: 'ml' },
    tolerations: [{ key: 'pool', operator: 'Exists' }],
    priorityClassName: 'batch',
    runtimeClassName: 'gvisor',
    imagePullSecrets: ['registry'],
    serviceAccountName: 'models',
  },
  podMetadata: { labels: { 'cost-centre': '42' }, annotations: { owner: 'Ada' } },
  resources: { cpuLimitPercent: 400, ephemeralStorage: { request: '64Mi', limit: '4Gi' } },
});
const settings = {
  trainerImage: 'trainer:1',
  serverImage: 'server:1',
  gatewayImage: 'gateway:1',
  imagePullPolicy: 'IfNotPresent',
  podUser: 'Fixed',
  operatorCertificates: 'PEM',
  hasIpv6: false,
  xdsAddress: { host: 'xds', port: 18_000 },
  podDefaults,
  hash: (text: string) => createHash('sha256').update(text).digest('hex'),
} as const;

const metadata = {
  name: 'digits',
  namespace: 'ml',
  uid: 'u',
  generation: 1,
  creationTimestamp: '2026-01-05T10:00:00Z',
};
const digest = `sha256:${'b'.repeat(64)}`;
const uri = `pvc://models/digits/${digest.replace(':', '-')}`;
const source = { persistentVolumeClaim: { claimName: 'datasets', path: 'train.csv' } };
const dataset = { source, format: 'CSV', target: 'label' };

const trainingJob = {
  metadata,
  status: undefined,
  spec: trainingJobSpecSchema.parse({
    modelName: 'digits',
    data: dataset,
    trainer: { builtin: { task: 'Classification', architecture: { type: 'MLP' } } },
    storage: { persistentVolumeClaim: { claimName: 'models' } },
  }),
};
const modelVersion = {
  metadata: { ...metadata, name: 'digits-1' },
  status: undefined,
  spec: modelVersionSpecSchema.parse({ modelName: 'digits', number: 1, bundle: { uri, digest, format: 'TFJSLayers' } }),
};
const deployment = {
  metadata,
  status: undefined,
  spec: modelDeploymentSpecSchema.parse({ model: { name: 'digits', track: 'Latest' } }),
};
const revision = revisionOf(deployment, { name: 'digits-1', digest, uri }, [], settings);
const evaluation = {
  deployment: metadata,
  revision: revision.revision,
  order: evaluationOrderSchema.parse({
    dataset: { ...dataset, digest },
    task: 'Classification',
    modelName: 'digits',
    endpoints: { candidate: 'http://candidate' },
    requestsPerSecond: 20,
    batchRows: 32,
    deadlineSeconds: 60,
  }),
  attempt: 1,
  scheduling: {},
};

const manifests = (children: readonly Child[]) => children.map(({ manifest }) => manifest);
const around = (of: ModelDeployment, own: Revision = revision) => ({ ...of, revision: own.revision, settings });
const serverOf = (of: ModelDeployment, own: Revision = revision) =>
  manifests(
    revisionChildren(around(of, own), {
      template: podTemplate('digits', own, settings),
      pinnedDefaults: podDefaults,
      replicas: 2,
    }),
  );
const besideOf = (of: ModelDeployment) => [
  clientService(of, { port: 10_000, hasTls: false, gatewayLabels }, settings),
  ...disruptionBudgets(around(of), [revision.revision], []),
];
const ofServer = serverOf(deployment);
const ofGateway = manifests(gatewayChildren('ml', settings, undefined));
const deploymentAmong = (all: readonly Manifest[]) => all.filter(({ kind }) => kind === 'Deployment');

const makers: [string, Manifest | undefined][] = [
  ['trainer', attemptJob(trainingJob, 1, settings)],
  ['evaluator', evaluationJob(evaluation, settings)],
  ['verifier', verificationJob(modelVersion, settings)],
  ['server', deploymentAmong(ofServer)[0]],
  ['gateway', deploymentAmong(ofGateway)[0]],
];

describe('the wishes of the chart are', () => {
  test.each(makers)('on the pod of the %s, and its Job or Deployment', (_, maker) => {
    const { metadata: podMetadata, spec } = (maker as unknown as { spec: { template: Template } }).spec.template;
    for (const { labels, annotations } of [podMetadata, maker?.metadata ?? {}]) {
      expect(labels).toMatchObject({ 'cost-centre': '42' });
      expect(annotations).toMatchObject({ owner: 'Ada' });
    }
    const { imagePullSecrets, ...scheduling } = podDefaults.scheduling;
    expect(spec).toMatchObject({ ...scheduling, imagePullSecrets: [{ name: 'registry' }] });
    for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String), 'ephemeral-storage': '64Mi' },
        limits: { cpu: expect.any(String), memory: expect.any(String), 'ephemeral-storage': '4Gi' },
      });
    }
  });

  test('as labels on everything else that is made beside pods', () => {
    const beside = besideOf(deployment);
    expect(beside).toHaveLength(2);
    for (const { kind, metadata: made } of [...ofServer, ...ofGateway, ...manifests(beside)]) {
      expect({ kind, ...made.labels }).toMatchObject({ kind, 'cost-centre': '42' });
    }
  });

  test('no part of what makes a revision', () => {
    const other = { ...settings, podDefaults: podDefaultsSchema.parse({}) };
    expect(revisionOf(deployment, { name: 'digits-1', digest, uri }, [], other)).toEqual(revision);
  });
});

describe('the podMetadata of an object is', () => {
  const podMetadata = { labels: { team: 'vision', 'cost-centre': '7' }, annotations: { owner: 'Grace' } };
  const ofTeam = { ...deployment, spec: { ...deployment.spec, podMetadata } };
  const serving = serverOf(ofTeam);
  const teamJob = { ...trainingJob, spec: { ...trainingJob.spec, podMetadata } };

  test.each<[string, Manifest | undefined]>([
    ['trainer', attemptJob(teamJob, 1, settings)],
    ['evaluator', evaluationJob({ ...evaluation, podMetadata }, settings)],
    ['server', deploymentAmong(serving)[0]],
  ])('on the pod of the %s and what makes it, before that of the chart', (_, maker) => {
    const { metadata: made } = (maker as unknown as { spec: { template: Template } }).spec.template;
    for (const each of [made, maker?.metadata]) expect(each).toMatchObject(podMetadata);
  });

  test('as labels on everything else that is made for it', () => {
    const beside = besideOf(ofTeam);
    for (const { metadata: made } of [...serving, ...manifests(beside)]) {
      expect(made.labels).toMatchObject(podMetadata.labels);
    }
  });

  test('never among what its pods are found by', () => {
    const matchLabels = revisionLabels('digits', revision.revision);
    expect(deploymentAmong(serving)).toMatchObject([{ spec: { selector: { matchLabels } } }]);
    expect(matchLabels).not.toHaveProperty('team');
  });

  test('no part of what makes a revision: another owner is no candidate', () => {
    expect(revisionOf(ofTeam, { name: 'digits-1', digest, uri }, [], settings)).toEqual(revision);
  });
});

describe('the limits that a quota wants of an object are', () => {
  const asked = { cpuLimit: '2', ephemeralStorage: '5Gi' };
  const both = { cpu: '2', 'ephemeral-storage': '5Gi' };

  test('on its containers, init containers among them, before those of the chart', () => {
    const limited = { ...deployment.spec.server, resources: { ...deployment.spec.server.resources, ...asked } };
    const ofTeam = { ...deployment, spec: { ...deployment.spec, server: limited } };
    const own = revisionOf(ofTeam, { name: 'digits-1', digest, uri }, [], settings);
    expect(own.revision).not.toBe(revision.revision);
    const [server] = deploymentAmong(serverOf(ofTeam, own));
    const resources = { ...trainingJob.spec.resources, ...asked };
    const trainer = attemptJob({ ...trainingJob, spec: { ...trainingJob.spec, resources } }, 1, settings);
    for (const made of [server, trainer]) {
      const { spec } = (made as unknown as { spec: { template: Template } }).spec.template;
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
        expect(container.resources).toMatchObject({ limits: both, requests: { 'ephemeral-storage': '5Gi' } });
      }
    }
  });
});

type Template = {
  readonly metadata: Manifest['metadata'];
  readonly spec: { readonly containers: Container[]; readonly initContainers?: Container[] };
};
type Container = { readonly resources: object };
