// Small objects for the tests of the ModelDeployment planner, each as the apiserver would give it.
import { createHash } from 'node:crypto';
import { datasetSchema } from '@sluice/crds/dataset.ts';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import {
  type ModelDeploymentSpec,
  type ModelDeploymentStatus,
  modelDeploymentSpecSchema,
} from '@sluice/crds/v1alpha1/model-deployment.ts';
import { formatTime, parseTime } from '../../conditions.ts';
import type { EvaluationRequest } from '../../evaluation/job.ts';
import { noRefusals } from '../../gateway/delivery/refusals.ts';
import type { GatewayReading, GatewayState } from '../../gateway/observed.ts';
import type { Backend, RoutingTable } from '../../gateway/routes.ts';
import { trafficIn } from '../../gateway/traffic/traffic.ts';
import type { GatewayView } from '../../gateway/traffic/view.ts';
import { labels, revisionName } from '../../names.ts';
import type { ObservedClaim, ObservedPod } from '../../pods/observed.ts';
import type { Traffic } from '../../traffic/port.ts';
import type { Share } from '../../traffic/shares.ts';
import type {
  ModelDeployment,
  ModelDeploymentObserved,
  ModelDeploymentSettings,
  ObservedRevision,
  ObservedWorkload,
  ServableVersion,
  ServerPod,
} from '../observed.ts';
import { type Revision, revisionOf } from '../revision/revision.ts';

export const startTime = '2026-01-05T10:00:00Z';
export const start = parseTime(startTime);
/** A time so many seconds after the start. */
export const at = (seconds: number) => formatTime(start + seconds * 1000);

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
export const settings: ModelDeploymentSettings = {
  serverImage: 'server:1',
  trainerImage: 'trainer:1',
  imagePullPolicy: 'IfNotPresent',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  hash,
};

type Changes = { readonly [field: string]: unknown };

/** A spec with every default filled in, as the shell hands it in. */
export const spec = (changes: Changes = {}): ModelDeploymentSpec =>
  modelDeploymentSpecSchema.parse({ model: { name: 'digits', track: 'Latest' }, ...changes });

export const modelDeployment = (changes: Changes = {}, status?: ModelDeploymentStatus): ModelDeployment => ({
  metadata: { name: 'digits', namespace: 'ml', uid: 'deployment', generation: 1, creationTimestamp: startTime },
  spec: spec(changes),
  status,
});

const digestOf = (text: string) => `sha256:${hash(text)}`;

/** `digits-<number>`; two numbers with the same `bytes` are the same model. */
export function version(number: number, ready: 'True' | 'False' = 'True', bytes = String(number)): ServableVersion {
  const digest = digestOf(bytes);
  const at = { observedGeneration: 1, lastTransitionTime: startTime };
  const condition = { type: 'Ready', status: ready, reason: 'Published', message: 'its bundle is missing', ...at };
  return {
    metadata: { name: `digits-${number}`, uid: `version-${number}`, creationTimestamp: startTime },
    spec: {
      modelName: 'digits',
      number,
      bundle: { uri: `pvc://models/digits/${digest.replace(':', '-')}`, digest, format: 'TFJSLayers' },
      lineage: {},
    },
    status: { observedGeneration: 1, conditions: [condition] },
  };
}

/** The revision that serves a version with the spec's defaults. */
export const revision = (number: number): Revision => {
  const { metadata, spec: each } = version(number);
  return revisionOf(modelDeployment(), { name: metadata.name, ...each.bundle }, [], settings);
};

export const pinned = (number: number, age = number): ObservedRevision => {
  const { revision: name, data } = revision(number);
  const metadata = {
    name: revisionName('digits', name),
    uid: `revision-${number}`,
    creationTimestamp: startTime,
    labels: { [labels.revision]: name },
  };
  return { metadata, revision: age, data };
};

export const workload = (number: number, ready = 2, replicas = 2): ObservedWorkload => {
  const { metadata } = pinned(number);
  return {
    metadata: { ...metadata, uid: `workload-${number}`, generation: 1 },
    spec: { replicas },
    status: { observedGeneration: 1, replicas, updatedReplicas: replicas, readyReplicas: ready },
  };
};

export const serverPod = (number: number, status: ServerPod['status'] = {}): ServerPod => {
  const { metadata } = pinned(number);
  return { metadata: { ...metadata, name: `${metadata.name}-x`, uid: `pod-${number}` }, status };
};

export const record = (number: number) => {
  const { revision: name, data } = revision(number);
  return { revision: name, version: data.version, digest: data.digest };
};

export const share = (number: number, wantedPercent: number, changes: Partial<Share> = {}): Share => ({
  revision: revision(number).revision,
  version: `digits-${number}`,
  wantedPercent,
  changedAt: startTime,
  ...changes,
});

/** The share as all gateways are known to give it. */
export const known = (number: number, percent: number, changes: Partial<Share> = {}): Share =>
  share(number, percent, { verifiedPercent: percent, ...changes });

/** The table that asks for these shares, in its version `version`. */
export function tableOf(shares: readonly Share[], tableVersion = 1): RoutingTable {
  const backends = shares.map(
    ({ revision: name, wantedPercent }): Backend => ({
      revision: name,
      percent: wantedPercent,
      requestTimeoutSeconds: 10,
    }),
  );
  const route = { deployment: 'digits', port: 10_000, changedIn: tableVersion, changedAt: startTime, backends };
  return { version: tableVersion, routes: [route] };
}

/** Asks a candidate about ten rows. */
export const evaluationRequest = (candidate: string): EvaluationRequest => ({
  deployment: modelDeployment().metadata,
  revision: candidate,
  order: {
    dataset: datasetSchema.parse({
      source: { configMap: { name: 'rows', key: 'rows.csv' } },
      format: 'CSV',
      target: 'label',
    }),
    task: 'Classification',
    modelName: 'digits',
    endpoints: { candidate: 'http://candidate' },
    requestsPerSecond: 20,
    batchRows: 32,
    deadlineSeconds: 60,
  },
  attempt: 1,
  scheduling: {},
});

export const gatewayPod = (name = 'gateway-1', isReady = true): ObservedPod => ({
  metadata: { name, uid: name, creationTimestamp: startTime },
  status: {
    podIP: '10.0.0.1',
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: startTime }],
  },
});

/** A gateway pod's answer, so many seconds after the start: it has the table's version, and found a host of each. */
export function reading(
  tableVersion: number,
  found: readonly number[] = [],
  { podUid = 'gateway-1', seconds = 0, ...changes }: Partial<GatewayState> & { podUid?: string; seconds?: number } = {},
): GatewayReading {
  const hosts = Object.fromEntries(found.map((number) => [revisionName('digits', revision(number).revision), 2]));
  const report: GatewayState = {
    clusters: tableVersion,
    listeners: tableVersion,
    routes: { digits: tableVersion },
    hosts,
    refusals: noRefusals,
    ...changes,
  };
  return { podUid, at: start + seconds * 1000, report };
}

export const view = (changes: Partial<GatewayView> = {}): GatewayView => ({
  deployment: 'digits',
  table: undefined,
  pods: [gatewayPod()],
  readings: [],
  silences: [],
  now: start,
  ...changes,
});

/** What that view says of the traffic. */
export const traffic = (changes: Partial<GatewayView> = {}): Traffic =>
  trafficIn(view(changes), { deployment: 'digits', model: 'digits', exposedAs: undefined });

export const claim = (name = 'models', changes: object = {}): ObservedClaim => ({
  metadata: { name, uid: `claim-${name}`, creationTimestamp: startTime, ...changes },
  status: { phase: 'Bound' },
});

export const observe = (changes: Partial<ModelDeploymentObserved> = {}): ModelDeploymentObserved => ({
  modelDeployment: modelDeployment(),
  versions: [],
  claims: [claim()],
  revisions: [],
  workloads: [],
  pods: [],
  jobs: [],
  budgets: [],
  table: undefined,
  gatewayPods: [gatewayPod()],
  gatewayReadings: [],
  gatewaySilences: [],
  ...changes,
});
