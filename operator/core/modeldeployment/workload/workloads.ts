// Builds what a revision runs as: a Deployment of restricted server pods and a headless Service that Envoy finds them by.
import { canonicalJson } from '@sluice/crds/canonical-json.ts';
import { env, paths, ports } from '@sluice/crds/contract.ts';
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import { attach } from '../../locations/attach.ts';
import { bundleVariables, copySpace, ephemeralStorage } from '../../locations/bundle-copy.ts';
import { bundleUse } from '../../locations/uses.ts';
import { commonLabels, labels, revisionName } from '../../names.ts';
import type { Child, Manifest } from '../../plan.ts';
import { type Mounted, mountsOf, volumesOf } from '../../pods/mounted.ts';
import {
  type PodTemplate,
  type PodWishes,
  wishedLabels,
  wishedMetadata,
  wishedTemplate,
} from '../../pods/pod-template.ts';
import {
  containerResources,
  containerSecurityContext,
  environment,
  restrictedPodFields,
  temporarySpace,
} from '../../pods/restricted-pod.ts';
import type { Entrance } from '../../traffic/port.ts';
import type { ModelDeployment, ModelDeploymentSettings } from '../observed.ts';
import { type Revision, type RevisionData, revisionLabels } from '../revision/revision.ts';
import { healedImageAnnotation } from './healed-image.ts';
import { defaultsAnnotation } from './pinned-defaults.ts';

/** Beyond the server's own drain: it must have ended by itself. */
const graceMarginSeconds = 10;

const sizeOf = (bytes: RevisionData['bytes']) => (bytes === 'Unknown' ? undefined : bytes);

/** A size that the version does not say is not known; what an earlier release pinned keeps the room that it had. */
const roomFor = ({ bytes = 0 }: RevisionData): Mounted => copySpace({ bytes: sizeOf(bytes) });

/** What both containers ask for. */
function serverResources({ resources, bytes }: RevisionData) {
  const { requests, limits } = containerResources(resources);
  const storage = ephemeralStorage({ bytes: sizeOf(bytes) });
  return { requests: { ...storage, ...requests }, limits: { ...storage, ...limits } };
}

/** What the init container has: the bundle where it lies, read by nobody else, and where its copy goes. */
const fetchVolumes = ({ data }: Revision): Mounted[] => [
  ...attach([{ ...bundleUse(data.uri), volumeIsReadOnly: true }]),
  roomFor(data),
  temporarySpace('64Mi'),
];

/** Copies the bundle out of the claim and verifies it: the server itself never sees the claim. */
function fetchContainer(revision: Revision, { imagePullPolicy }: ModelDeploymentSettings) {
  const { data } = revision;
  const own = serverResources(data);
  return {
    name: 'fetch',
    image: data.image,
    imagePullPolicy,
    command: ['node', '/app/fetch.mjs'],
    env: environment(bundleVariables({ ...data, bytes: sizeOf(data.bytes) })),
    resources: {
      requests: { ...own.requests, cpu: '50m', memory: '64Mi' },
      limits: own.limits,
    },
    securityContext: containerSecurityContext,
    terminationMessagePath: paths.terminationLog,
    volumeMounts: mountsOf(fetchVolumes(revision)),
  };
}

function serverContainer({ revision, data }: Revision, { imagePullPolicy }: ModelDeploymentSettings) {
  const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { path, port: 'http' },
    periodSeconds,
    failureThreshold,
    timeoutSeconds: 2,
  });
  return {
    name: 'server',
    image: data.image,
    imagePullPolicy,
    command: ['node', '/app/main.mjs'],
    env: environment({
      [env.modelName]: data.modelName,
      [env.modelVersion]: data.version,
      [env.revision]: revision,
      [env.bundleDigest]: data.digest,
      // In one order of keys: pods stay as they are when the apiserver hands a pinned revision back in its own.
      [env.serverSettings]: canonicalJson(data.settings),
    }),
    ports: [
      { name: 'http', containerPort: ports.http },
      { name: 'metrics', containerPort: ports.metrics },
    ],
    startupProbe: probe('/v2/health/live', 1, 120),
    readinessProbe: probe('/v2/health/ready', 1, 3),
    livenessProbe: probe('/v2/health/live', 10, 6),
    resources: serverResources(data),
    securityContext: containerSecurityContext,
    terminationMessagePath: paths.terminationLog,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'model', mountPath: paths.model, readOnly: true }, temporarySpace('64Mi').mount],
  };
}

/** The pods of a revision that nobody has pinned yet. */
export function podTemplate(deployment: string, revision: Revision, settings: ModelDeploymentSettings): PodTemplate {
  const { data } = revision;
  const own = revisionLabels(deployment, revision.revision);
  const spread = {
    weight: 100,
    podAffinityTerm: { labelSelector: { matchLabels: own }, topologyKey: 'kubernetes.io/hostname' },
  };
  return {
    metadata: { labels: { ...own, [labels.modelVersion]: data.version } },
    spec: {
      ...restrictedPodFields(data.scheduling, settings.podUser),
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [spread] } },
      terminationGracePeriodSeconds: data.settings.drainSeconds + graceMarginSeconds,
      initContainers: [fetchContainer(revision, settings)],
      containers: [serverContainer(revision, settings)],
      volumes: volumesOf(fetchVolumes(revision)),
    },
  };
}

export type Owner = Pick<ModelDeployment, 'metadata' | 'spec'> & { readonly settings: ModelDeploymentSettings };

/** For what is made beside the pods. */
export const wishesBeside = ({ spec, settings }: Owner): PodWishes => ({
  defaults: settings.podDefaults,
  metadata: spec.podMetadata,
});

/** Whose children they are. */
export type Around = Owner & {
  readonly revision: string;
};

/** How a revision's pods are, and how many. */
export type Pods = {
  /** As they were pinned, before anything was wished. */
  readonly template: PodTemplate;
  /** What the installation wished when they were made. */
  readonly pinnedDefaults: PodDefaults;
  /** The image that they have instead of the pinned one. */
  readonly healedImage?: string | undefined;
  /** Absent where something else decides that. */
  readonly replicas: number | undefined;
};

function workload(around: Around, { template, pinnedDefaults, healedImage, replicas }: Pods): Manifest {
  const { metadata, spec, revision } = around;
  const own = revisionLabels(metadata.name, revision);
  const annotations = { ...defaultsAnnotation(pinnedDefaults), ...healedImageAnnotation(healedImage) };
  const made = { labels: own, annotations };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: revisionName(metadata.name, revision),
      namespace: metadata.namespace,
      ...wishedMetadata(made, wishesBeside(around)),
    },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: own },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: wishedTemplate(template, { defaults: pinnedDefaults, metadata: spec.podMetadata }),
    },
  };
}

function backendService(around: Around): Manifest {
  const { metadata, revision } = around;
  const own = revisionLabels(metadata.name, revision);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: revisionName(metadata.name, revision),
      namespace: metadata.namespace,
      labels: wishedLabels(own, wishesBeside(around)),
    },
    spec: { clusterIP: 'None', selector: own, ports: [{ name: 'http', port: ports.http, targetPort: 'http' }] },
  };
}

/** What keeps a revision serving. */
export const revisionChildren = (around: Around, pods: Pods): Child[] => [
  { manifest: workload(around, pods), lifetime: 'Managed' },
  { manifest: backendService(around), lifetime: 'Managed' },
];

/** Names what keeps a revision serving, and wants nothing of it. */
export function retainedRevision({ metadata }: ModelDeployment, revision: string): Child[] {
  const own = { name: revisionName(metadata.name, revision), namespace: metadata.namespace };
  return [
    { manifest: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: own }, lifetime: 'Retained' },
    { manifest: { apiVersion: 'v1', kind: 'Service', metadata: own }, lifetime: 'Retained' },
    { manifest: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: own }, lifetime: 'Retained' },
  ];
}

/** The listener of the deployment in the gateway pods, and how it is spoken to. */
export type ClientPort = { readonly port: number; readonly hasTls: boolean } & Pick<Entrance, 'gatewayLabels'>;

const http = { name: 'http', port: 80 };
const https = { name: 'https', port: 443, appProtocol: 'https' };

/** The Service that clients use: it leads to the gateway, whatever the revision. */
export function clientService(
  deployment: ModelDeployment,
  { port, hasTls, gatewayLabels }: ClientPort,
  settings: ModelDeploymentSettings,
): Child {
  const { name, namespace } = deployment.metadata;
  const own = {
    [labels.managedBy]: commonLabels('server')[labels.managedBy],
    [labels.component]: 'server',
    [labels.modelDeployment]: name,
  };
  return {
    manifest: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels: wishedLabels(own, wishesBeside({ ...deployment, settings })) },
      spec: { selector: gatewayLabels, ports: [{ ...(hasTls ? https : http), targetPort: port }] },
    },
    lifetime: 'Managed',
  };
}
