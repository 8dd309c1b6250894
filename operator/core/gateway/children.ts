// Builds what a namespace's gateway consists of: Envoy's pods, their budget, and the bootstrap they start from.
import { annotations, commonLabels, gatewayName } from '../names.ts';
import type { Child, Manifest } from '../plan.ts';
import { wishedLabels, wishedManifest } from '../pods/pod-template.ts';
import { containerSecurityContext, restrictedPodFields, temporarySpace } from '../pods/restricted-pod.ts';
import { envoyArguments, envoyBootstrap, gatewayPorts } from './bootstrap.ts';
import { drainScript, gracePeriodSeconds } from './drain.ts';
import type { GatewaySettings } from './observed.ts';

export const gatewayLabels = commonLabels('gateway');

/** ConfigMap that holds the routing table, under `routesKey`. */
export const routesName = `${gatewayName}-routes`;
export const routesKey = 'routes.json';
const bootstrapName = `${gatewayName}-bootstrap`;
const bootstrapKey = 'bootstrap.json';
const bootstrapDirectory = '/etc/envoy';

/** The gateway's process: Envoy. */
export const gatewayContainer = 'envoy';

const replicas = 2;
const envoyContainer = ({ gatewayImage, imagePullPolicy }: GatewaySettings) => ({
  name: gatewayContainer,
  image: gatewayImage,
  imagePullPolicy,
  command: ['envoy'],
  args: envoyArguments({
    config: `${bootstrapDirectory}/${bootstrapKey}`,
    namespace: '$(POD_NAMESPACE)',
    podName: '$(POD_NAME)',
  }),
  env: [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  ],
  ports: [{ name: 'stats', containerPort: gatewayPorts.stats }],
  readinessProbe: { httpGet: { path: '/ready', port: 'stats' }, periodSeconds: 1, failureThreshold: 3 },
  lifecycle: { preStop: { exec: { command: ['bash', '-c', drainScript()] } } },
  resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '384Mi' } },
  securityContext: containerSecurityContext,
  volumeMounts: [{ name: 'bootstrap', mountPath: bootstrapDirectory, readOnly: true }, temporarySpace('16Mi').mount],
});

function deployment(namespace: string, settings: GatewaySettings): Manifest {
  const { hash } = settings;
  const spread = {
    weight: 100,
    podAffinityTerm: { labelSelector: { matchLabels: gatewayLabels }, topologyKey: 'kubernetes.io/hostname' },
  };
  const envoys = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: gatewayName, namespace, labels: gatewayLabels },
    spec: {
      replicas,
      selector: { matchLabels: gatewayLabels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        // Envoy reads its bootstrap once: another bootstrap is another pod.
        metadata: { labels: gatewayLabels, annotations: { [annotations.bootstrap]: hash(bootstrapText(settings)) } },
        spec: {
          ...restrictedPodFields({}, settings.podUser),
          affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [spread] } },
          terminationGracePeriodSeconds: gracePeriodSeconds,
          containers: [envoyContainer(settings)],
          volumes: [{ name: 'bootstrap', configMap: { name: bootstrapName } }, temporarySpace('16Mi').volume],
        },
      },
    },
  };
  return wishedManifest(envoys, { defaults: settings.podDefaults });
}

/** Labels of what is made beside the pods. */
export const labelsBeside = ({ podDefaults }: Pick<GatewaySettings, 'podDefaults'>) =>
  wishedLabels(gatewayLabels, { defaults: podDefaults });

const disruptionBudget = (namespace: string, settings: GatewaySettings): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: gatewayName, namespace, labels: labelsBeside(settings) },
  spec: { maxUnavailable: 1, selector: { matchLabels: gatewayLabels } },
});

const bootstrapText = ({ xdsAddress }: GatewaySettings) => JSON.stringify(envoyBootstrap(xdsAddress));

const bootstrap = (namespace: string, settings: GatewaySettings): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: bootstrapName, namespace, labels: labelsBeside(settings) },
  data: { [bootstrapKey]: bootstrapText(settings) },
});

/** Everything of the gateway but its routing table. */
export function gatewayChildren(namespace: string, settings: GatewaySettings): Child[] {
  return [
    { manifest: bootstrap(namespace, settings), lifetime: 'Managed' },
    { manifest: deployment(namespace, settings), lifetime: 'Managed' },
    { manifest: disruptionBudget(namespace, settings), lifetime: 'Managed' },
  ];
}
