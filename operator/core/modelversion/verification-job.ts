// Builds the Job that verifies an imported bundle: the very program by which a server's init container fetches it.
import { env, paths } from '@sluice/crds/contract.ts';
import { commonLabels, labels } from '../names.ts';
import type { Manifest } from '../plan.ts';
import { oneShotJob } from '../pods/one-shot/job.ts';
import { temporarySpace } from '../pods/restricted-pod.ts';
import type { ModelVersion, ModelVersionSettings } from './observed.ts';
import { verifier, verifierResources } from './verifier.ts';

/** Where the verified copy goes; it is thrown away with the pod. */
const modelSize = '2Gi';
const temporarySize = '256Mi';

export const verificationName = (modelVersion: string) => `${modelVersion}-verify`;

/** The claim of `pvc://<claim>/<modelName>/sha256-<hex>`. */
export const claimNameOf = (uri: string) => uri.split('/')[2] ?? '';

export function verificationJob({ metadata, spec }: ModelVersion, settings: ModelVersionSettings): Manifest {
  const { cpu, memory } = verifierResources;
  return oneShotJob({
    wishes: { defaults: settings.podDefaults },
    user: settings.podUser,
    name: verificationName(metadata.name),
    namespace: metadata.namespace,
    labels: { ...commonLabels('verifier'), [labels.modelVersion]: metadata.name },
    container: {
      name: verifier.container,
      image: settings.serverImage,
      imagePullPolicy: settings.imagePullPolicy,
      command: ['node', '/app/fetch.mjs'],
      env: { [env.bundleUri]: spec.bundle.uri, [env.bundleDigest]: spec.bundle.digest },
      resources: { requests: { cpu, memory: memory.request }, limits: { memory: memory.limit } },
    },
    volumes: [
      {
        volume: { name: 'storage', persistentVolumeClaim: { claimName: claimNameOf(spec.bundle.uri) } },
        mount: { name: 'storage', mountPath: paths.storage, subPath: spec.modelName, readOnly: true },
      },
      {
        volume: { name: 'model', emptyDir: { sizeLimit: modelSize } },
        mount: { name: 'model', mountPath: paths.model },
      },
      temporarySpace(temporarySize),
    ],
    scheduling: {},
  });
}
