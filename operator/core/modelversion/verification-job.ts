// Builds the Job that verifies an imported bundle: the very program by which a server's init container fetches it.
import { env, paths } from '@sluice/crds/contract.ts';
import { commonLabels, labels } from '../names.ts';
import type { Manifest } from '../plan.ts';
import { wishedManifest } from '../pods/pod-template.ts';
import { containerSecurityContext, environment, restrictedPodFields, temporarySpace } from '../pods/restricted-pod.ts';
import type { ModelVersion, ModelVersionSettings } from './observed.ts';

export const verifierContainer = 'verifier';

/** Where the verified copy goes; it is thrown away with the pod. */
const modelSize = '2Gi';
const temporarySize = '256Mi';

export const verificationName = (modelVersion: string) => `${modelVersion}-verify`;

/** The claim of `pvc://<claim>/<modelName>/sha256-<hex>`. */
export const claimNameOf = (uri: string) => uri.split('/')[2] ?? '';

export const verificationIdentity = ({ metadata }: ModelVersion): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: verificationName(metadata.name), namespace: metadata.namespace },
});

export function verificationJob(modelVersion: ModelVersion, settings: ModelVersionSettings): Manifest {
  const { name, namespace } = modelVersion.metadata;
  const ownLabels = { ...commonLabels('verifier'), [labels.modelVersion]: name };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: verificationName(name),
      namespace,
      labels: ownLabels,
    },
    spec: { backoffLimit: 0, template: { metadata: { labels: ownLabels }, spec: podSpec(modelVersion, settings) } },
  };
  return wishedManifest(job, { defaults: settings.podDefaults });
}

function podSpec({ spec }: ModelVersion, { serverImage, imagePullPolicy, podUser }: ModelVersionSettings) {
  const temporary = temporarySpace(temporarySize);
  return {
    ...restrictedPodFields({}, podUser),
    restartPolicy: 'Never',
    containers: [
      {
        name: verifierContainer,
        image: serverImage,
        imagePullPolicy,
        command: ['node', '/app/fetch.mjs'],
        env: environment({ [env.bundleUri]: spec.bundle.uri, [env.bundleDigest]: spec.bundle.digest }),
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        securityContext: containerSecurityContext,
        terminationMessagePath: paths.terminationLog,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          { name: 'storage', mountPath: paths.storage, subPath: spec.modelName, readOnly: true },
          { name: 'model', mountPath: paths.model },
          temporary.mount,
        ],
      },
    ],
    volumes: [
      { name: 'storage', persistentVolumeClaim: { claimName: claimNameOf(spec.bundle.uri) } },
      { name: 'model', emptyDir: { sizeLimit: modelSize } },
      temporary.volume,
    ],
  };
}
