// Leader election on a real apiserver, which is strict about the times in a Lease.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { LeaderElector } from '@sluice/operator/kube/lease/lease.ts';
import type { LeaseSpec } from '@sluice/operator/kube/lease/lease-decision.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { type Cluster, connect } from './cluster.ts';

interface Lease extends KubeObject {
  spec: LeaseSpec;
}

const timing = { leaseSeconds: 3, renewSeconds: 2, retrySeconds: 0.1 };
let cluster: Cluster;
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

function candidate(name: string, identity: string) {
  const stop = new AbortController();
  const { client, namespace } = cluster;
  const elector = new LeaderElector({ client, name, namespace, identity, timing });
  const running = elector.run(stop.signal, { onAcquired: () => {}, onLost: () => {} });
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  ends.push(end);
  return { elector, end };
}

function readLease(name: string) {
  return cluster.client.get<Lease>(RESOURCES.leases, { namespace: cluster.namespace, name });
}

describe('LeaderElector', () => {
  test('H10: the apiserver accepts the lease when it is created and when it is renewed', async () => {
    const one = candidate('renewed', 'one');
    await until(() => one.elector.isLeader());
    const created = await readLease('renewed');
    expect(created.spec).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 3 });
    let renewed = created;
    for (
      const startedMs = performance.now();
      performance.now() - startedMs < 10_000;
      renewed = await readLease('renewed')
    ) {
      if (renewed.spec.renewTime !== created.spec.renewTime) break;
    }
    expect(renewed.spec.renewTime).not.toBe(created.spec.renewTime);
    expect(renewed.spec.acquireTime).toBe(created.spec.acquireTime);
    await one.end();
  });

  test('a lease that is given back is taken at the next look', async () => {
    const one = candidate('handed', 'one');
    await until(() => one.elector.isLeader());
    const two = candidate('handed', 'two');
    await one.end();
    const startedMs = performance.now();
    await until(() => two.elector.isLeader());
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect((await readLease('handed')).spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
    await two.end();
  });

  test('H13: of five candidates exactly one leads', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((identity) => candidate('contested', identity));
    await until(() => all.some((each) => each.elector.isLeader()));
    expect(all.filter((each) => each.elector.isLeader())).toHaveLength(1);
    await Promise.all(all.map((each) => each.end()));
  });
});
