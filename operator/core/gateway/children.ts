// Builds what a namespace's gateway consists of: Envoy's pods, their budget, and the bootstrap they start from.
import { annotations, commonLabels, gatewayName } from '../names.ts';
import type { Child, Manifest } from '../plan.ts';
import { wishedLabels, wishedManifest } from '../pods/pod-template.ts';
import {
  containerResources,
  containerSecurityContext,
  restrictedPodFields,
  temporarySpace,
} from '../pods/restricted-pod.ts';
import { accessParts, bootstrapFiles } from './access/pods.ts';
import { rulesOf } from './access/rules.ts';
import { drainScript, gracePeriodSeconds } from './drain.ts';
import { envoyArguments, envoyBootstrap, gatewayPorts } from './envoy/bootstrap.ts';
import { bootstrapDirectory, certificatesText, linkFiles, tokenText, tokenVolume } from './envoy/operator-link.ts';
import type { GatewayObserved, GatewaySettings, GatewayWish } from './observed.ts';

export const gatewayLabels = commonLabels('gateway');

/** ConfigMap that holds the routing table, under `routesKey`. */
export const routesName = `${gatewayName}-routes`;
export const routesKey = 'routes.json';
const bootstrapName = `${gatewayName}-bootstrap`;
const bootstrapKey = 'bootstrap.json';

/** The gateway's process: Envoy. */
export const gatewayContainer = 'envoy';

/** What holds without a ModelGateway. */
const defaults = { replicas: 2, cpu: '50m', memory: { request: '96Mi', limit: '384Mi' } } as const;

function envoyResources(wish: GatewayWish | undefined) {
  const { memory: wanted, cpu, ...quota } = wish?.spec.resources ?? { cpu: defaults.cpu };
  const { requests, limits } = containerResources({ cpu, memory: wanted ?? defaults.memory.limit, ...quota });
  return { requests: { ...requests, memory: wanted ?? defaults.memory.request }, limits };
}

const envoyContainer = ({ gatewayImage, imagePullPolicy }: GatewaySettings, wish: GatewayWish | undefined) => ({
  name: gatewayContainer,
  image: gatewayImage,
  imagePullPolicy,
  command: ['envoy'],
  args: [
    ...envoyArguments({
      config: `${bootstrapDirectory}/${bootstrapKey}`,
      namespace: '$(POD_NAMESPACE)',
      podName: '$(POD_NAME)',
    }),
    ...accessParts(rulesOf(wish?.spec), bootstrapDirectory).args,
  ],
  env: [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  ],
  ports: [{ name: 'stats', containerPort: gatewayPorts.stats }],
  readinessProbe: { httpGet: { path: '/ready', port: 'stats' }, periodSeconds: 1, failureThreshold: 3 },
  // A port that takes connections: while it drains it is not ready, and must not be killed for that.
  livenessProbe: { tcpSocket: { port: 'stats' }, periodSeconds: 10, failureThreshold: 6 },
  lifecycle: { preStop: { exec: { command: ['bash', '-c', drainScript()] } } },
  resources: envoyResources(wish),
  securityContext: containerSecurityContext,
  volumeMounts: [
    { name: 'bootstrap', mountPath: bootstrapDirectory, readOnly: true },
    tokenVolume.mount,
    temporarySpace('16Mi').mount,
    ...accessParts(rulesOf(wish?.spec), bootstrapDirectory).volumeMounts,
  ],
});

/** Whose the pod's token is. Kubernetes would put the last one there itself; a token wants it said. */
const accountOf = ({ podDefaults }: GatewaySettings, wish: GatewayWish | undefined) =>
  wish?.spec.scheduling.serviceAccountName ?? podDefaults.scheduling.serviceAccountName ?? 'default';

function deployment(namespace: string, settings: GatewaySettings, wish: GatewayWish | undefined): Manifest {
  const { hash } = settings;
  const spread = {
    weight: 100,
    podAffinityTerm: { labelSelector: { matchLabels: gatewayLabels }, topologyKey: 'kubernetes.io/hostname' },
  };
  const envoys = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: gatewayName,
      namespace,
      labels: gatewayLabels,
      ...(wish && { annotations: gatewaySpecAnnotation(wish) }),
    },
    spec: {
      replicas: wish?.spec.replicas ?? defaults.replicas,
      selector: { matchLabels: gatewayLabels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        // Envoy reads its bootstrap once: another bootstrap is another pod. Certificates it reads again.
        metadata: { labels: gatewayLabels, annotations: { [annotations.bootstrap]: hash(bootstrapText(settings)) } },
        spec: {
          ...restrictedPodFields(wish?.spec.scheduling ?? {}, settings.podUser),
          serviceAccountName: accountOf(settings, wish),
          affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [spread] } },
          terminationGracePeriodSeconds: gracePeriodSeconds,
          containers: [envoyContainer(settings, wish)],
          volumes: [
            { name: 'bootstrap', configMap: { name: bootstrapName } },
            tokenVolume.volume,
            temporarySpace('16Mi').volume,
            ...accessParts(rulesOf(wish?.spec), bootstrapDirectory).volumes,
          ],
        },
      },
    },
  };
  return wishedManifest(envoys, wishesOf(settings, wish));
}

const wishesOf = ({ podDefaults }: Pick<GatewaySettings, 'podDefaults'>, wish: GatewayWish | undefined) => ({
  defaults: podDefaults,
  metadata: wish?.spec.podMetadata,
});

/** By which a Deployment tells whose wishes it was made for. */
export const gatewaySpecAnnotation = ({ uid, generation }: Omit<GatewayWish, 'spec'>) => ({
  [annotations.gatewaySpec]: `${uid}.${generation}`,
});

/** Labels of what is made beside the pods. */
export const labelsBeside = (settings: Pick<GatewaySettings, 'podDefaults'>, wish: GatewayWish | undefined) =>
  wishedLabels(gatewayLabels, wishesOf(settings, wish));

const disruptionBudget = (namespace: string, settings: GatewaySettings, wish: GatewayWish | undefined): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: gatewayName, namespace, labels: labelsBeside(settings, wish) },
  // One that is not ready answers nobody: it may go at any time, so that no drain waits for it.
  spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: gatewayLabels } },
});

const bootstrapText = ({ xdsAddress, hasIpv6 }: GatewaySettings) => JSON.stringify(envoyBootstrap(xdsAddress, hasIpv6));

const bootstrap = (namespace: string, settings: GatewaySettings, wish: GatewayWish | undefined): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: bootstrapName, namespace, labels: labelsBeside(settings, wish) },
  data: {
    [bootstrapKey]: bootstrapText(settings),
    [linkFiles.certificates]: certificatesText(settings.operatorCertificates),
    [linkFiles.token]: tokenText,
    ...bootstrapFiles(rulesOf(wish?.spec)),
  },
});

/** Everything of the gateway but its routing table. */
export function gatewayChildren(namespace: string, settings: GatewaySettings, wish: GatewayObserved['wish']): Child[] {
  const lifetime = wish === 'Unreadable' ? 'Retained' : 'Managed';
  const readable = wish === 'Unreadable' ? undefined : wish;
  return [bootstrap, deployment, disruptionBudget].map((make) => ({
    manifest: make(namespace, settings, readable),
    lifetime,
  }));
}
