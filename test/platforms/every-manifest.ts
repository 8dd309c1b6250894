// Every object that the operator makes, as it makes it: what a platform's rules are tried on.
import { createHash } from 'node:crypto';
import { evaluationOrderSchema } from '@sluice/crds/evaluation-contract.ts';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { evaluationJob, revisionEndpoint } from '@sluice/operator/core/evaluation/job.ts';
import { gatewayChildren, gatewayLabels } from '@sluice/operator/core/gateway/children.ts';
import { revisionManifest } from '@sluice/operator/core/modeldeployment/revision/revision.ts';
import { modelDeployment, revision } from '@sluice/operator/core/modeldeployment/testing/samples.ts';
import { disruptionBudgets } from '@sluice/operator/core/modeldeployment/workload/disruption.ts';
import {
  clientService,
  podTemplate,
  revisionChildren,
} from '@sluice/operator/core/modeldeployment/workload/workloads.ts';
import { verificationJob } from '@sluice/operator/core/modelversion/verification-job.ts';
import type { Manifest } from '@sluice/operator/core/plan.ts';
import type { PodUser } from '@sluice/operator/core/pods/restricted-pod.ts';
import { attemptJob } from '@sluice/operator/core/trainingjob/job.ts';
import { trainingJob } from '@sluice/operator/core/trainingjob/testing/samples.ts';

const images = {
  trainerImage: 'registry.example.com/sluice/trainer:0.1.0',
  serverImage: 'registry.example.com/sluice/server:0.1.0',
  gatewayImage: 'registry.example.com/sluice/gateway:0.1.0',
};
const namespace = 'ml';
const modelVersion = {
  metadata: { name: 'digits-4', namespace, uid: 'v4', generation: 1, creationTimestamp: '2026-01-05T10:00:00Z' },
  spec: {
    modelName: 'digits',
    number: 4,
    bundle: {
      uri: `pvc://models/digits/sha256-${'b'.repeat(64)}`,
      digest: `sha256:${'b'.repeat(64)}`,
      format: 'TFJSLayers',
    },
    lineage: {},
  },
  status: undefined,
} as const;

const evaluation = {
  deployment: { name: 'digits', namespace },
  revision: 'b21d0aaaaa',
  attempt: 1,
  scheduling: {},
  order: evaluationOrderSchema.parse({
    dataset: { source: { configMap: { name: 'holdout', key: 'holdout.csv' } }, format: 'CSV', target: 'label' },
    modelName: 'digits',
    endpoints: { candidate: revisionEndpoint({ name: 'digits', namespace }, 'b21d0aaaaa') },
    requestsPerSecond: 20,
    batchRows: 16,
    deadlineSeconds: 600,
  }),
};

/** In namespace `ml`, with what its users have to say left at its defaults. */
export function everyManifest(podUser: PodUser): Manifest[] {
  const settings = {
    ...images,
    podUser,
    podDefaults: noPodDefaults,
    imagePullPolicy: 'IfNotPresent' as const,
    operatorCertificates: 'PEM',
    hasIpv6: false,
    xdsAddress: { host: 'sluice-xds.sluice-system.svc.cluster.local', port: 18_000 },
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
  };
  const { revision: name, data } = revision(1);
  const served = { revision: name, data: { ...data, image: images.serverImage } };
  const deployment = modelDeployment();
  const around = { ...deployment, revision: name, settings };
  const template = podTemplate('digits', served, settings);
  const children = [
    ...revisionChildren(around, { template, pinnedDefaults: noPodDefaults, replicas: 2 }),
    clientService(deployment, { port: 10_000, hasTls: false, gatewayLabels }, settings),
    ...disruptionBudgets(around, [name], []),
    ...gatewayChildren(namespace, settings, undefined),
  ];
  return [
    attemptJob(trainingJob(), 1, settings),
    verificationJob(modelVersion, settings),
    evaluationJob(evaluation, settings),
    revisionManifest(deployment, served, 1),
    ...children.map(({ manifest }) => manifest),
  ];
}

/** The pod specs among manifests, by the name of what they are in. */
export function podSpecsOf(manifests: readonly Manifest[]): Map<string, PodSpec> {
  const templates = manifests.flatMap(({ kind, metadata, ...rest }) => {
    const { spec } = rest as { spec?: { template?: { spec: PodSpec } } };
    return spec?.template ? [[`${kind} ${metadata.name}`, spec.template.spec] as const] : [];
  });
  return new Map(templates);
}

/** What tests read of a pod spec. */
export type PodSpec = {
  readonly securityContext: { readonly [field: string]: unknown };
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
};
type Container = { readonly name: string; readonly securityContext: { readonly [field: string]: unknown } };
