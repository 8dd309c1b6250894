// A K3s node by testcontainers, where its image can be pulled. Not shown on a machine without an image registry.
import { K3sContainer } from '@testcontainers/k3s';
import { imageCanBeHad } from '../docker-image.ts';
import { kubernetesTools } from '../kubernetes-tools.ts';
import { startNodeContainer } from '../node-container.ts';
import { availablePrivileges } from '../privileges.ts';
import { directoryOnPath } from '../program-path.ts';
import type { NodeProvider } from './node-provider.ts';

const image = 'rancher/k3s:v1.35.4-k3s1';

/** The provider that is quick on its first run: one image is pulled and nothing compiled. */
export const k3sNode: NodeProvider = {
  adminConfig: '/etc/rancher/k3s/k3s.yaml',
  owns: (name) => name === image,
  tools: async (progress) => (await directoryOnPath(['kubectl', 'helm'])) ?? kubernetesTools(progress),
  start: (cluster, progress) => progress.stage('start K3s', () => startNodeContainer(cluster, new K3sContainer(image))),
};

/** K3s runs in privileged containers only. */
export async function k3sIsPossible(): Promise<boolean> {
  return (await availablePrivileges()) === 'privileged' && (await imageCanBeHad(image));
}
