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

describe('the statistics of a gateway pod', () => {
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
