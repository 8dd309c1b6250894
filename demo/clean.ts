// Removes what the demo made: its cluster, or its namespace in a cluster of the user's.

import { systemNamespace } from '../test/cluster/chart.ts';
import { openCluster } from '../test/cluster/cluster.ts';
import { removeContainerCluster } from '../test/cluster/container-cluster.ts';
import { ensureDocker } from '../test/cluster/docker-daemon.ts';
import { Progress } from '../test/cluster/progress.ts';
import type { Arguments } from './arguments.ts';
import type { Screen } from './screen/screen.ts';
import { removeDemoNamespace } from './steps/namespace.ts';

/** Nothing to remove is fine. The operator stays in the user's cluster: other namespaces may have come to use it. */
export async function clean({ cluster: options, namespace, isForeign }: Arguments, screen: Screen): Promise<void> {
  if (!isForeign) {
    await ensureDocker(new Progress());
    await removeContainerCluster(options.name ?? 'demo');
    screen.say('The cluster of the demo is gone. Images and the compiled Kubernetes stay cached for the next time.');
    return;
  }
  const cluster = await openCluster(options);
  await removeDemoNamespace(cluster, namespace);
  screen.say(`Namespace ${namespace} is gone. The operator and its CRDs stay; to remove them, with all models:`);
  screen.say(`  kubectl delete namespace ${systemNamespace}`);
  screen.say(
    '  kubectl delete crd trainingjobs.sluice.dev modelversions.sluice.dev modeldeployments.sluice.dev modelgateways.sluice.dev',
  );
  screen.say('  kubectl delete clusterrole,clusterrolebinding --selector app.kubernetes.io/name=sluice');
}
