// A process that competes for a lease and, while it leads, writes as fast as it can: put together as the operator is, and
// writing as it does, by the version that was seen.

import type { ClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { Controller } from '@sluice/operator/kube/controller/controller.ts';
import { ElectorThread } from '@sluice/operator/kube/lease/elector-thread.ts';
import { nameKey, type Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { createTransport } from '@sluice/operator/kube/transport/transport.ts';
import { type Order, objects } from './order.ts';

/** Fewer than objects, and more than connections: at any moment writes are waiting to be sent. */
const workers = 8;

const { server, kubeconfig, namespace, identity, timing } = JSON.parse(process.argv[2] ?? '') as Order;
const program = { userAgent: 'contender', fieldManager: 'contender' };
const elector = new ElectorThread({
  ...program,
  cluster: { kubeconfig },
  lease: { name: 'failover', namespace, identity },
  timing,
});
const access: ClusterAccess = { server, tls: {}, headers: async () => ({}) };
const transport = createTransport(access, { ...program, connections: 2, mayWrite: () => elector.isLeader() });
const client = new KubeClient(transport, program);
let written = 0;
const seen = new Map<string, Stored>();

const controller = new Controller({
  ...{ name: 'contender', workers, watches: [], drainMs: 1_000 },
  reconcile: async (key, signal) => {
    const [, name = ''] = key.split('/');
    const before = seen.get(key) ?? (await client.find(RESOURCES.configMaps, { namespace, name }, { signal }));
    seen.delete(key);
    written += 1;
    const data = { writer: identity, written: String(written) };
    const { uid, resourceVersion } = before?.metadata ?? {};
    const metadata = { namespace, name, uid, resourceVersion };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    seen.set(key, await client.apply(RESOURCES.configMaps, object, { signal }));
    return { requeueAfterMs: 5 };
  },
});
for (let at = 0; at < objects; at += 1) controller.enqueue(nameKey({ namespace, name: `written-${at}` }));

const stop = new AbortController();
const leaseLife = new AbortController();
const acquired = Promise.withResolvers<void>();
process.once('SIGTERM', () => {
  stop.abort();
  acquired.resolve();
});
const electing = elector.run(leaseLife.signal, {
  onAcquired: acquired.resolve,
  onLost: () => process.exit(1),
});
await acquired.promise;
await controller.run(stop.signal);
leaseLife.abort();
await electing;
process.exit(0);
