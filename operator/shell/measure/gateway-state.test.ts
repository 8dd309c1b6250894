// Envoy's statistics as numbers. The lines are those of Envoy 1.40; test/integration/gateway reads a real one.
import { describe, expect, test } from '@jest/globals';
import { parseGatewayStats } from './gateway-state.ts';

const stats = `cluster_manager.cds.version_text: "7"
http.digits.rds.digits.version_text: "6"
http.letters.rds.letters.version_text: "7"
listener_manager.lds.version_text: "7"
cluster.digits-aaaa.membership_healthy: 2
cluster.admin.membership_healthy: 1
cluster_manager.cds.update_rejected: 0
http.digits.rds.digits.update_rejected: 2
listener_manager.lds.update_rejected: 1
`;

const requests = `cluster.digits-aaaa.upstream_rq_5xx: 3
cluster.digits-aaaa.upstream_rq_completed: 7
cluster.digits-aaaa.external.upstream_rq_completed: 7
cluster.digits-aaaa.upstream_rq_429: 2
cluster.digits-aaaa.upstream_rq_570: 1
cluster.digits-aaaa.upstream_rq_200: 2
cluster.digits-aaaa.upstream_rq_constructor: 2
cluster.digits-bbbb.upstream_rq_time: No recorded values
cluster.digits-bbbb.upstream_rq_completed: 1
cluster.digits-aaaa.upstream_rq_time: B0.5(0,0) B0.625(1,3) B0.781(0,3) B0.977(0,4) B1.22(0,4)
http.digits.no_cluster: 1
http.digits.no_route: 0
http.digits.rq_direct_response: 2
http.digits.rq_total: 10
`;

describe('the statistics of a gateway pod', () => {
  test('say what came of requests, per backend and at the gateway itself, and since when', () => {
    expect(parseGatewayStats(`${stats}${requests}server.uptime: 6\n`)?.counters).toEqual({
      uptimeSeconds: 6,
      backends: {
        'digits-aaaa': { requests: 7, errors: 3, overloaded: 2, nonFinite: 1, latency: [0, 3, 0, 1] },
        'digits-bbbb': { requests: 1, errors: 0, overloaded: 0, nonFinite: 0, latency: [] },
      },
      gateway: { digits: { requests: 10, errors: 3 } },
    });
  });

  test('count for nothing without the uptime: nobody could tell whether they began anew', () => {
    expect(parseGatewayStats(requests)?.counters).toBeUndefined();
  });

  test('say which versions it has, which hosts it found, and how often it refused', () => {
    expect(parseGatewayStats(stats)).toEqual({
      clusters: 7,
      listeners: 7,
      routes: { digits: 6, letters: 7 },
      hosts: { 'digits-aaaa': 2, admin: 1 },
      rejected: 3,
    });
  });

  test.each(['', 'OK', '<html>', 'cluster_manager.cds.version_text: ""', 'cluster_manager.cds.version_text: "x"'])(
    'say that it has nothing yet: %j',
    (text) => {
      expect(parseGatewayStats(text)).toEqual({ clusters: 0, listeners: 0, routes: {}, hosts: {}, rejected: 0 });
    },
  );

  test('are thrown away when a number cannot be one', () => {
    expect(parseGatewayStats(`cluster.a.membership_healthy: ${'9'.repeat(400)}`)).toBeUndefined();
  });
});
