// A sample of `npm run faults -- failover`: leaders die, stop, freeze and are cut off, and no other process ever writes.
import { expect, test } from '@jest/globals';
import { BLOWS, playFailover } from '../../faults/failover/failover.ts';
import { connect } from './cluster.ts';

test('H13, R9: whatever befalls the leader, another one takes over, and only the holder of the lease writes', async () => {
  const cluster = await connect();
  const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG'] ?? '';
  const timing = { leaseSeconds: 2, renewSeconds: 1.3, retrySeconds: 0.2 };
  const report = await playFailover({ kubeconfig, client: cluster.client, rounds: BLOWS, timing });
  await cluster.close();
  expect(report.byNonHolders).toEqual([]);
  expect(report.rounds.map(({ blow }) => blow)).toEqual(BLOWS);
  expect(report.writes).toBeGreaterThan(4);
}, 180_000);
