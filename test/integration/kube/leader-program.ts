// A process that wants to lead and writes as fast as it can while it does: the other side of the tests of leadership.
import { createInterface } from 'node:readline';
import { loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { FencedError, isConflict } from '@sluice/operator/kube/errors.ts';
import { ElectorThread } from '@sluice/operator/kube/lease/elector-thread.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { createTransport } from '@sluice/operator/kube/transport/transport.ts';
import { type ConfigMap, configMap } from './cluster.ts';

const {
  CREDENTIALS: serviceAccountDirectory,
  NAMESPACE: namespace = '',
  IDENTITY: identity = '',
  TIMING = '',
} = process.env;
const [leaseSeconds = 0, renewSeconds = 0, retrySeconds = 0] = TIMING.split('/').map(Number);
const common = {
  cluster: { serviceAccountDirectory },
  userAgent: `leader-test/${identity}`,
  fieldManager: 'leader-test',
};
const lease = { name: 'leader', namespace, identity };
const elector = new ElectorThread({ ...common, lease, timing: { leaseSeconds, renewSeconds, retrySeconds } });
const transport = createTransport(await loadClusterAccess(common.cluster), {
  userAgent: common.userAgent,
  mayWrite: () => elector.isLeader(),
});
const client = new KubeClient(transport, common);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Counts up under its own name in a ConfigMap that all write, as the operator writes: naming the version that it saw. So
 * the apiserver refuses what a process had in its hands when it was stopped, and sends when it goes on.
 */
async function work(signal: AbortSignal): Promise<void> {
  const name = { namespace, name: 'written' };
  let seen: Stored<ConfigMap> | undefined;
  let count = 0;
  while (!signal.aborted) {
    try {
      seen ??= await client.find<ConfigMap>(RESOURCES.configMaps, name, { signal });
      const { metadata, ...object } = configMap(namespace, name.name, { ...seen?.data, [identity]: String(count + 1) });
      const { uid, resourceVersion } = seen?.metadata ?? {};
      const written = { ...object, metadata: { ...metadata, uid, resourceVersion } };
      seen = await client.apply<ConfigMap>(RESOURCES.configMaps, written, { signal });
      count += 1;
      if (count === 1) say('wrote');
    } catch (error) {
      seen = undefined;
      if (isConflict(error)) continue;
      if (!(error instanceof FencedError) && !signal.aborted) throw error;
      say('fenced');
      return;
    }
  }
}

const stop = new AbortController();
const leaseLife = new AbortController();
let working = Promise.resolve();
process.on('SIGTERM', () => stop.abort());
createInterface(process.stdin).on('line', (line) => {
  const endMs = performance.now() + Number(line);
  while (performance.now() < endMs);
});
const electing = elector.run(leaseLife.signal, {
  onAcquired: () => {
    say('acquired');
    working = work(stop.signal);
  },
  onLost: (reason) => {
    say(`lost: ${reason}`);
    if (!process.env['LINGER']) process.exit(1);
  },
});
say('started');
await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
await working;
leaseLife.abort();
await electing;
process.exit(0);
