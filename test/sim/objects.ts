// The objects of the simulated namespace, as the apiserver would give them.
import { createHash } from 'node:crypto';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { type ModelDeploymentSpec, modelDeploymentSpecSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { formatTime } from '@sluice/operator/core/conditions.ts';
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import type {
  ModelDeployment,
  ObservedRevision,
  ObservedWorkload,
  ServableVersion,
} from '@sluice/operator/core/modeldeployment/observed.ts';
import type { ObservedJob, ObservedPod } from '@sluice/operator/core/pods/observed.ts';

/** sha256 as hex. */
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
export const name = 'digits';
export const settings = {
  serverImage: 'server:1',
  trainerImage: 'trainer:1',
  imagePullPolicy: 'IfNotPresent',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  hash,
} as const;
export const gatewaySettings = {
  gatewayImage: 'envoy:1',
  imagePullPolicy: 'IfNotPresent',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  operatorCertificates: 'PEM',
  hasIpv6: false,
  xdsAddress: { host: 'operator', port: 18_000 },
  hash,
} as const;

/** The time that everything in the world has. */
export type Clock = { now: number };

export const startedAt = Date.parse('2026-01-05T10:00:00Z');
export const created = { namespace: 'ml', creationTimestamp: formatTime(startedAt) };

/** A server Deployment with its pods. */
export type Workload = {
  readonly uid: string;
  readonly revision: string;
  replicas: number;
  generation: number;
  observed: number;
  ready: number;
};

/** What the apiserver holds. */
export type Stored = {
  deployment: ModelDeployment;
  resourceVersion: number;
  revisions: readonly ObservedRevision[];
  workloads: readonly ObservedWorkload[];
  versions: readonly ServableVersion[];
  table: RoutingTable | undefined;
  gatewayPods: readonly ObservedPod[];
  pods: readonly ObservedPod[];
  jobs: readonly ObservedJob[];
};

const digestOf = (number: number) => `sha256:${hash(String(number))}`;

/** A ModelVersion that is Ready. */
export const version = (number: number): ServableVersion => ({
  metadata: { name: `digits-${number}`, uid: `version-${number}`, creationTimestamp: created.creationTimestamp },
  spec: {
    modelName: name,
    number,
    bundle: {
      uri: `pvc://models/digits/${digestOf(number).replace(':', '-')}`,
      digest: digestOf(number),
      format: 'TFJSLayers',
    },
    lineage: {},
  },
  status: {
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Published',
        message: '',
        observedGeneration: 1,
        lastTransitionTime: created.creationTimestamp,
      },
    ],
  },
});

/** A spec with every default filled in. */
export const specOf = (changes: object): ModelDeploymentSpec =>
  modelDeploymentSpecSchema.parse({ model: { name, track: 'Latest' }, server: {}, ...changes });
