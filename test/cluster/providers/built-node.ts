// A node from an image that is built here out of Debian packages and compiled sources: nothing has to be pulled.
import { existsSync } from 'node:fs';
import { GenericContainer, Wait } from 'testcontainers';
import { kubernetesTools } from '../kubernetes-tools.ts';
import { startNodeContainer } from '../node-container.ts';
import { nodeImage, nodeImageName } from '../node-image.ts';
import { availablePrivileges } from '../privileges.ts';
import type { NodeProvider } from './node-provider.ts';

const startsWithinSeconds = 180;

/** The provider that needs the least: a Docker daemon, and the Debian and Go registries on the first run. */
export const builtNode: NodeProvider = {
  adminConfig: '/etc/kubernetes/admin.conf',
  owns: (image) => image.startsWith(nodeImageName),
  tools: kubernetesTools,
  start: async (cluster, progress) => {
    const { reference } = await nodeImage(progress);
    const container = await describeNode(reference);
    await progress.stage('start the node', () => startNodeContainer(cluster, container));
  },
};

class NodeContainer extends GenericContainer {
  /** Makes /proc and /sys writable, as `--privileged` does: kube-proxy sets sysctls, the kubelet writes control groups. */
  withWritableSystemPaths(): this {
    this.hostConfig.MaskedPaths = [];
    this.hostConfig.ReadonlyPaths = [];
    return this;
  }
}

async function describeNode(image: string): Promise<GenericContainer> {
  const container = new NodeContainer(image)
    .withSecurityOpt('seccomp=unconfined', 'apparmor=unconfined')
    .withWritableSystemPaths()
    .withTmpFs({ '/run': 'exec', '/tmp': 'exec' })
    .withExposedPorts(6443)
    .withWaitStrategy(Wait.forLogMessage('sluice node is ready'))
    .withStartupTimeout(startsWithinSeconds * 1000);
  const privileges = await availablePrivileges();
  if (privileges === 'privileged') container.withPrivilegedMode();
  else container.withAddedCapabilities(...privileges.capabilities);
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) {
    container.withBindMounts([{ source: '/sys/fs/cgroup', target: '/sys/fs/cgroup', mode: 'rw' }]);
  }
  return container;
}
