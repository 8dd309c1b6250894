// Builds the Job that verifies an imported bundle: the very program by which a server's init container fetches
// it, which reads every byte where it lies and copies nothing.
import { attach } from '../locations/attach.ts';
import { bundleVariables } from '../locations/bundle-copy.ts';
import { bundleUse } from '../locations/uses.ts';
import { commonLabels, labels } from '../names.ts';
import type { Manifest } from '../plan.ts';
import { oneShotJob } from '../pods/one-shot/job.ts';
import { temporarySpace } from '../pods/restricted-pod.ts';
import type { ModelVersion, ModelVersionSettings } from './observed.ts';
import { verifier, verifierResources } from './verifier.ts';

const temporarySize = '256Mi';

export const verificationName = (modelVersion: string) => `${modelVersion}-verify`;

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
      command: ['node', '/app/fetch.mjs', '--verify-only'],
      env: bundleVariables(spec.bundle),
      resources: { requests: { cpu, memory: memory.request }, limits: { memory: memory.limit } },
    },
    volumes: [...attach([bundleUse(spec.bundle.uri)]), temporarySpace(temporarySize)],
    scheduling: {},
  });
}
