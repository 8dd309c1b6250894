// The operator's environment: what it must have, what it may have, and what is said when it is wrong.
import { describe, expect, test } from '@jest/globals';
import { parseSettings } from './settings.ts';

const needed = {
  SLUICE_TRAINER_IMAGE: 'trainer:1',
  SLUICE_SERVER_IMAGE: 'server:1',
  SLUICE_GATEWAY_IMAGE: 'gateway:1',
  SLUICE_XDS_ADDRESS: 'sluice-xds.sluice-system:18000',
};

describe('settings', () => {
  test('need the images and the address of the xDS server; the rest has defaults', () => {
    expect(parseSettings(needed)).toEqual({
      watchNamespace: undefined,
      pod: { namespace: 'sluice-system', name: 'sluice-operator', uid: undefined },
      images: { trainer: 'trainer:1', server: 'server:1', gateway: 'gateway:1' },
      imagePullPolicy: 'IfNotPresent',
      podDefaults: { scheduling: {}, podMetadata: {}, resources: {} },
      podUser: 'Fixed',
      xdsAddress: { host: 'sluice-xds.sluice-system', port: 18_000 },
      hasIpv6: false,
      statusPort: 8081,
      xdsPort: 18_000,
      logLevel: 'info',
      clusterDomain: 'cluster.local',
      serviceAccountDirectory: undefined,
      leaseTiming: { leaseSeconds: 60, renewSeconds: 40, retrySeconds: 15 },
    });
  });

  test('watch one namespace when it is named', () => {
    expect(parseSettings({ ...needed, SLUICE_WATCH_NAMESPACE: 'ml' }).watchNamespace).toBe('ml');
  });

  test.each([
    ['10.0.0.7', false],
    ['10.0.0.7,fd00::7', true],
    ['fd00::7', true],
  ])('of a pod with the addresses %s: it has IPv6 is %s', (addresses, hasIpv6) => {
    expect(parseSettings({ ...needed, POD_IPS: addresses }).hasIpv6).toBe(hasIpv6);
  });

  test('take a quicker lease', () => {
    const { leaseTiming } = parseSettings({ ...needed, SLUICE_LEASE_TIMING: '15/10/2' });
    expect(leaseTiming).toEqual({ leaseSeconds: 15, renewSeconds: 10, retrySeconds: 2 });
  });

  test('take what the chart wants of every pod', () => {
    const wanted = { scheduling: { tolerations: [{ key: 'pool', operator: 'Exists' }] }, resources: {} };
    const { podDefaults } = parseSettings({ ...needed, SLUICE_POD_DEFAULTS: JSON.stringify(wanted) });
    expect(podDefaults).toEqual({ ...wanted, podMetadata: {} });
  });

  test.each<[string, object, RegExp]>([
    [
      'a label of Sluice',
      { podMetadata: { labels: { 'sluice.dev/revision': 'x' } } },
      /podMetadata.labels.*remove the key/,
    ],
    ['a key that is too long', { podMetadata: { annotations: { ['k'.repeat(64)]: '' } } }, /annotations.*at most 63/],
    ['a toleration of nothing', { scheduling: { tolerations: [{ value: 'x' }] } }, /tolerations.*Equal needs key/],
    ['a limit below the request', { resources: { cpuLimitPercent: 50 } }, /cpuLimitPercent/],
    ['a field that there is not', { scheduling: { hostNetwork: true } }, /hostNetwork/],
  ])('refuse %s in podDefaults', (_, wanted, message) => {
    const environment = { ...needed, SLUICE_POD_DEFAULTS: JSON.stringify(wanted) };
    expect(() => parseSettings(environment)).toThrow(message);
  });

  test.each([
    ['SLUICE_POD_DEFAULTS', '{'],
    ['SLUICE_TRAINER_IMAGE', undefined],
    ['SLUICE_SERVER_IMAGE', ''],
    ['SLUICE_IMAGE_PULL_POLICY', 'Sometimes'],
    ['SLUICE_POD_USER', 'root'],
    ['SLUICE_XDS_ADDRESS', 'sluice-xds'],
    ['SLUICE_XDS_ADDRESS', 'sluice-xds:99999'],
    ['SLUICE_STATUS_PORT', 'eighty'],
    ['SLUICE_XDS_PORT', '0'],
    ['SLUICE_LOG_LEVEL', 'loud'],
    ['SLUICE_CLUSTER_DOMAIN', ''],
    ['SLUICE_LEASE_TIMING', 'fast'],
    ['SLUICE_LEASE_TIMING', '15/15/2'],
  ])('are refused by name when %s is %j', (name, value) => {
    expect(() => parseSettings({ ...needed, [name]: value })).toThrow(name);
  });

  test('name everything that is wrong at once', () => {
    expect(() => parseSettings({})).toThrow(/SLUICE_TRAINER_IMAGE.*SLUICE_SERVER_IMAGE.*SLUICE_GATEWAY_IMAGE/);
  });
});
