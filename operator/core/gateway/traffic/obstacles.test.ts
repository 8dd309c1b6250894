// What keeps the gateway from doing what is asked, and not one second too early.
import { describe, expect, test } from '@jest/globals';
import { gatewayPod, known, reading, share, start, tableOf, view } from '../../modeldeployment/testing/samples.ts';
import type { ObservedPod } from '../../pods/observed.ts';
import type { StartingPod } from '../../pods/startup.ts';
import { type GatewayRules, gatewayRulesSchema } from '../access/rules.ts';
import { firstListenerPort, lastListenerPort, type RoutingTable } from '../routes.ts';
import { gatewayObstacle, reachObstacle } from './obstacles.ts';
import { trafficIn } from './traffic.ts';
import type { GatewayView } from './view.ts';

const shares = [share(1, 100)];
const silence = (seconds: number, said = { problem: 'connect ETIMEDOUT', isAnswering: false }) => [
  { podUid: 'gateway-1', since: start + seconds * 1000, ...said },
];
const later = (seconds: number, changes: Partial<GatewayView>) =>
  view({ table: tableOf(shares), now: start + seconds * 1000, ...changes });

const refusing = (deployment: string, message = 'Only one filter chain may match') => {
  const words = [{ type: 'listeners' as const, name: deployment, deployment, message }];
  return reading(1, [], { refusals: { deployments: [deployment], words } });
};

describe('the obstacle of a gateway', () => {
  test.each<[string, GatewayView, string]>([
    ['no pod became ready', later(15, { pods: [gatewayPod('gateway-1', false)] }), 'GatewayPending'],
    ['a pod does not answer', later(15, { silences: silence(0) }), 'GatewaysUnreachable'],
    [
      'a pod refuses what is asked, from the first second',
      later(0, { readings: [refusing('digits')] }),
      'GatewayRejected',
    ],
  ])('%s', (_, seen, reason) => expect(gatewayObstacle(seen, shares)?.reason).toBe(reason));

  test.each([
    [
      { problem: 'connect ETIMEDOUT', isAnswering: false },
      'port 9902 of pod gateway-1 does not answer (connect ETIMEDOUT); allow it in the NetworkPolicy',
    ],
    [
      { problem: 'the answer is too long', isAnswering: true },
      "port 9902 of pod gateway-1 answers without Envoy's statistics (the answer is too long); delete the pod, a new one takes its place",
    ],
  ])('names the pod, the port, what happened and what helps: %j', (said, message) => {
    expect(gatewayObstacle(later(15, { silences: silence(0, said) }), shares)?.message).toBe(message);
  });

  test.each<[string, GatewayView]>([
    ['what was asked was asked a moment ago', later(14, { silences: silence(-60) })],
    ['the operator has just started, and has asked nobody yet', later(60, {})],
    ['the operator has just started, and the first question failed', later(60, { silences: silence(50) })],
    ['a pod is merely behind', later(60, { readings: [reading(0)] })],
    ['a pod refuses what is somebody else’s', later(60, { readings: [refusing('letters')] })],
  ])('is none while %s', (_, seen) => expect(gatewayObstacle(seen, shares)).toBeUndefined());

  test('is a refusal in Envoy’s own words, cut to what a status takes', () => {
    const said = gatewayObstacle(later(0, { readings: [refusing('digits')] }), shares)?.message;
    expect(said).toBe('Envoy in pod gateway-1 refuses listeners digits: Only one filter chain may match');
    const long = gatewayObstacle(later(0, { readings: [refusing('digits', 'x'.repeat(300))] }), shares)?.message;
    expect(long).toHaveLength(200);
  });

  test('is none when nothing is asked of it', () => {
    expect(gatewayObstacle(later(60, { pods: [] }), [])).toBeUndefined();
  });

  const waiting = (reason: string): StartingPod => ({
    ...gatewayPod('gateway-1', false),
    status: { containerStatuses: [{ name: 'envoy', image: 'private/envoy', state: { waiting: { reason } } }] },
  });
  const failure = { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: limits.cpu' };
  test.each<[string, Partial<GatewayView>, RegExp]>([
    [
      'that its image cannot be had',
      { pods: [waiting('ErrImagePull')] },
      /^gateway: .*cannot get image private\/envoy/,
    ],
    ['that a quota takes no pod of it', { pods: [], maker: { status: { conditions: [failure] } } }, /limits.cpu/],
    ['that nothing is known but that it is not there', { pods: [] }, /^no pod of Deployment sluice-gateway is ready$/],
  ])('is %s, when no pod of it is ready', (_, seen, message) => {
    expect(gatewayObstacle(later(60, seen), shares)).toEqual({
      reason: 'GatewayPending',
      message: expect.stringMatching(message),
    });
  });

  const rules = (more: object) => gatewayRulesSchema.parse(more);
  const keys = rules({ access: { apiKeys: { secretName: 'callers' } } });
  const jwt = { issuer: 'https://id.example.com', audiences: ['sluice'], jwksSecretName: 'issuer', roleClaim: 'scope' };
  const both = rules({ access: { apiKeys: { secretName: 'callers' }, jwt } });
  const tls = rules({ tls: { secretName: 'cert' } });
  const having = (...names: string[]): ObservedPod => ({
    ...gatewayPod(),
    spec: { volumes: [{ name: 'bootstrap' }, ...names.map((name) => ({ name, secret: {} }))] },
  });
  const starting: ObservedPod = {
    ...gatewayPod('gateway-2', false),
    status: {
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'PodReadyToStartContainers', status: 'False' },
      ],
    },
  };
  const ruled = (by: GatewayRules, ...pods: ObservedPod[]) =>
    later(60, { table: { ...tableOf(shares), rules: by }, pods });

  test.each<[string, GatewayView, RegExp | undefined]>([
    ['no pod has the keys', ruled(keys, having()), /^no ready gateway pod has Secret callers; until one has, nobody/],
    [
      '… and a new one waits for them',
      ruled(keys, having(), starting),
      /pod gateway-2 waits .* Secret callers is there/,
    ],
    ['a pod has them', ruled(keys, having(), having('keys')), undefined],
    ['a pod knows one of two kinds of callers', ruled(both, having('jwks')), undefined],
    ['no pod speaks TLS', ruled(tls, having('keys')), /Secret cert/],
    ['a pod speaks TLS', ruled(tls, having('tls')), undefined],
    ['a pod speaks TLS and has no keys', ruled({ ...keys, ...tls }, having('tls')), /Secret callers, cert/],
  ])('counts ready pods that let nobody in as not there: %s', (_, seen, message) => {
    const client = { deployment: 'digits', model: 'digits', exposedAs: undefined };
    expect(trafficIn(seen, client).isOpen).toBe(message === undefined);
    const said = message && { reason: 'GatewayPending', message: expect.stringMatching(message) };
    expect(gatewayObstacle(seen, shares)).toEqual(said);
  });

  test('is the last port, said at once', () => {
    const count = lastListenerPort - firstListenerPort + 1;
    const [route] = tableOf([]).routes;
    const routes = Array.from({ length: count }, (_, index) => ({ ...route, deployment: `other-${index}` }));
    const full = { version: 1, routes } as RoutingTable;
    expect(gatewayObstacle(view({ table: full }), [])?.reason).toBe('PortsExhausted');
    expect(gatewayObstacle(view({ table: { ...full, routes: full.routes.slice(1) } }), [])).toBeUndefined();
  });
});

describe('the obstacle of a candidate that the gateways know', () => {
  const own = [known(2, 0)];
  const seen = (seconds: number, found: number[]) =>
    view({ table: tableOf(own), now: start + seconds * 1000, readings: [reading(1, found, { seconds })] });
  test('is that a gateway finds none of its pods', () => {
    expect(reachObstacle(seen(15, []), own)).toEqual({
      reason: 'ServersNotFound',
      message: "gateway pod gateway-1 finds no pod of digits-2 by DNS; check the cluster's DNS",
    });
  });
  test('is none before its time, nor when pods are found', () => {
    expect(reachObstacle(seen(14, []), own)).toBeUndefined();
    expect(reachObstacle(seen(60, [2]), own)).toBeUndefined();
  });
});
