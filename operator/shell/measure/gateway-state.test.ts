// Envoy's statistics as numbers. The lines are those of Envoy 1.40; test/integration/gateway reads a real one.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noRefusals, type Refused, refusalText } from '../../core/gateway/delivery/refusals.ts';
import { fallbackCounters } from '../../core/gateway/envoy/fallback/filter.ts';
import { firstListenerPort, lastListenerPort } from '../../core/gateway/routes.ts';
import { processorMs } from '../../core/testing/bounded-plan.ts';
import { latencyBuckets } from '../../core/traffic/latency-buckets.ts';
import { answerLimits } from './answer-budget.ts';
import { answerCounters, predictionCounters } from './backend-counts.ts';
import { listenerCounters } from './gateway-counters.ts';
import { gatewayState, parseGatewayStats } from './gateway-state.ts';

const refused = [
  { type: 'listeners', name: 'digits', deployment: 'digits', message: 'it\'s "taken" <b>&' },
] satisfies Refused[];
const stats = `cluster_manager.cds.version_text: "7"
http.digits.rds.digits.version_text: "6"
http.letters.rds.letters.version_text: "7"
listener_manager.lds.version_text: "7"
cluster.digits-aaaa.membership_healthy: 2
cluster.admin.membership_healthy: 1
control_plane.identifier: "${refusalText(refused)}"
`;

const requests = `cluster.digits-aaaa.upstream_rq_5xx: 3
cluster.digits-aaaa.upstream_rq_2xx: 2
cluster.digits-aaaa.upstream_rq_4xx: 90
cluster.digits-aaaa.upstream_rq_completed: 95
cluster.digits-aaaa.external.upstream_rq_2xx: 7
cluster.digits-aaaa.upstream_rq_429: 2
cluster.digits-aaaa.upstream_rq_570: 1
cluster.digits-aaaa.upstream_rq_200: 2
cluster.digits-aaaa.upstream_rq_constructor: 2
cluster.digits-bbbb.upstream_rq_time: No recorded values
cluster.digits-bbbb.upstream_rq_2xx: 1
cluster.digits-aaaa.upstream_rq_time: B0.5(0,0) B0.625(1,3) B0.781(0,3) B0.977(0,4) B1.22(0,4)
http.mdep_digits.no_cluster: 3
http.mdep_digits.no_route: 5
http.mdep_digits.rq_direct_response: 2
http.mdep_digits.rq_total: 10
`;

const predictions = `cluster.digits-aaaa.canary.upstream_rq_2xx: 1
cluster.digits-aaaa.canary.upstream_rq_5xx: 2
cluster.digits-aaaa.canary.upstream_rq_time: B0.5(0,0) B0.625(0,1) B0.781(0,1) B0.977(0,2) B1.22(0,2)
`;

const most = 9_999_999_999;
/** The longest that Envoy says of a backend. */
const linesOf = (cluster: string) => [
  `cluster.${cluster}.membership_healthy: ${most}`,
  ...answerCounters.map((name) => `cluster.${cluster}.upstream_rq_${name}: ${most}`),
  ...predictionCounters.map((name) => `cluster.${cluster}.canary.upstream_rq_${name}: ${most}`),
  ...['', 'canary.'].map(
    (which) =>
      `cluster.${cluster}.${which}upstream_rq_time: ${latencyBuckets.map((edge) => `B${edge}(${most},${most})`).join(' ')}`,
  ),
];

describe('the statistics of a gateway pod', () => {
  test('say what came of requests, per backend and at the gateway itself', () => {
    expect(parseGatewayStats(`${stats}${requests}server.uptime: 6\n`)?.counters).toEqual({
      backends: {
        'digits-aaaa': {
          ...{ requests: 7, errors: 3, overloaded: 2, nonFinite: 1, latency: [0, 3, 0, 1] },
          counted: 'Answers',
        },
        'digits-bbbb': {
          ...{ requests: 1, errors: 0, overloaded: 0, nonFinite: 0, latency: [] },
          counted: 'Answers',
        },
      },
      gateway: { digits: { requests: 10, errors: 3 } },
    });
  });

  test('say of a server that tells predictions from other answers only those, and what failed', () => {
    const { backends } = parseGatewayStats(`${predictions}${requests}server.uptime: 6\n`)?.counters ?? {};
    expect(backends?.['digits-aaaa']).toEqual({
      ...{ requests: 6, errors: 3, overloaded: 2, nonFinite: 1, latency: [0, 1, 0, 1] },
      counted: 'Predictions',
    });
    expect(backends?.['digits-bbbb']?.counted).toBe('Answers');
  });

  test('say of each deployment what its own listener counted, whatever its name is', () => {
    const names = ['admin', 'async-client', 'stats', 'sluice-xds', 'mdep', 'rds', 'constructor'];
    const lines = [...names.map((name) => `mdep_${name}`), 'sluice_stats', 'admin', 'async-client'].map(
      (scope, index) => `http.${scope}.rq_total: ${index + 1}`,
    );
    const { gateway = {} } = parseGatewayStats(`${lines.join('\n')}\nserver.uptime: 6\n`)?.counters ?? {};
    expect(Object.entries(gateway).map(([name, { requests }]) => [name, requests])).toEqual(
      names.map((name, index) => [name, index + 1]),
    );
  });

  test('say the bare name while a pod has the listeners of an earlier release, and both while it changes them', () => {
    const bare = 'http.digits.rq_total: 7\nhttp.letters.rq_total: 5\nhttp.zoo.rq_total: 3\nserver.uptime: 6\n';
    const own = 'http.mdep_digits.rq_total: 2\nhttp.mdep_zoo.rq_total: 1\n';
    expect(parseGatewayStats(bare)?.counters?.gateway).toMatchObject({ digits: { requests: 7 }, zoo: { requests: 3 } });
    for (const text of [own + bare, bare + own]) {
      expect(parseGatewayStats(text)?.counters?.gateway).toEqual({
        digits: { requests: 2, errors: 0 },
        letters: { requests: 5, errors: 0 },
        zoo: { requests: 1, errors: 0 },
      });
    }
  });

  test('say how often each deployment fell back, and nothing of a live revision that was asked for another one', () => {
    const lines = [
      ...['live_version.mdep.digits: 3', 'static_answer.mdep.letters: 4'],
      ...['constructor.mdep.digits: 5', 'static_answer: 6'],
    ];
    const { counters } =
      parseGatewayStats(`${lines.map((line) => `sluice_fallback.${line}`).join('\n')}\nserver.uptime: 6\n`) ?? {};
    expect(counters?.fallback).toEqual({
      digits: { liveVersion: 3, staticAnswer: 0 },
      letters: { liveVersion: 0, staticAnswer: 4 },
    });
    const [, filter = ''] = /filter=(.*)/.exec(gatewayState.path) ?? [];
    const isRead = (name: string) => new RegExp(decodeURIComponent(filter)).test(name);
    const namesOf = (cluster: string) =>
      ['upstream_rq_5xx', 'membership_healthy'].map((name) => `cluster.${cluster}.${name}`);
    expect([...namesOf('digits-aaaa'), 'sluice_fallback.live_version.mdep.digits'].every(isRead)).toBe(true);
    expect(namesOf('digits-aaaa_fallback').some(isRead)).toBe(false);
    expect(
      parseGatewayStats(`sluice_fallback.live_version.mdep.digits: ${2 ** 60}\nserver.uptime: 6\n`),
    ).toBeUndefined();
  });

  test('count for nothing without the uptime, which every answer of Envoy has', () => {
    expect(parseGatewayStats(requests)?.counters).toBeUndefined();
  });

  test('are read whole of a gateway whose every port is given out, each with two backends that are busy', () => {
    const { maxBytes, maxBytesPerEntry = 0 } = gatewayState;
    const deployments = lastListenerPort - firstListenerPort + 1;
    const listener = 'm'.repeat(52);
    const text = [
      ...['version_text: "123456"'].map((each) => `http.${listener}.rds.${listener}.${each}`),
      ...Object.values(listenerCounters).map((name) => `http.mdep_${listener}.${name}: ${most}`),
      ...Object.values(fallbackCounters).map((name) => `sluice_fallback.${name}.mdep.${listener}: ${most}`),
      ...['a', 'b'].flatMap((name) => linesOf(`${listener}-${name.repeat(10)}`)),
    ].join('\n');
    const bytes = deployments * text.length;
    expect(bytes).toBeGreaterThan(maxBytes);
    expect(bytes).toBeLessThan(answerLimits.longestBytes);
    expect(bytes).toBeLessThan(maxBytes + 3 * deployments * maxBytesPerEntry);
  });

  test('say which versions it has, which hosts it found, and what it refuses', () => {
    expect(parseGatewayStats(stats)).toEqual({
      clusters: 7,
      listeners: 7,
      routes: { digits: 6, letters: 7 },
      hosts: { 'digits-aaaa': 2, admin: 1 },
      refusals: { deployments: ['digits'], words: refused },
    });
  });

  test.each(['', 'OK', '<html>', 'cluster_manager.cds.version_text: ""', 'cluster_manager.cds.version_text: "x"'])(
    'say that it has nothing yet: %j',
    (text) => {
      expect(parseGatewayStats(text)).toEqual({
        clusters: 0,
        listeners: 0,
        routes: {},
        hosts: {},
        refusals: noRefusals,
      });
    },
  );

  test.each([
    `cluster.a.membership_healthy: ${'9'.repeat(400)}`,
    'cluster_manager.cds.version_text: "9007199254740993"',
    'cluster.a.upstream_rq_2xx: 99999999999999999999',
    'http.mdep_a.no_cluster: 9007199254740993',
    'cluster.a.upstream_rq_time: B1(0,5) B2(0,4)',
    `cluster.a.upstream_rq_time: ${latencyBuckets.map(() => 'B1(0,1)').join(' ')} B9(0,1)`,
  ])('are thrown away when a number cannot be one: %.80s', (text) => {
    expect(parseGatewayStats(text)).toBeUndefined();
  });

  test('know a deployment by any name, and none that was not said', () => {
    const state = parseGatewayStats('http.constructor.rds.constructor.version_text: "4"\nserver.uptime: 1\n');
    expect(state?.routes['constructor']).toBe(4);
    const silent = parseGatewayStats('http.__proto__.rds.__proto__.version_text: "4"\nserver.uptime: 1\n');
    expect(silent?.routes['constructor']).toBeUndefined();
    expect(silent?.hosts['constructor']).toBeUndefined();
    expect(silent?.counters?.gateway['constructor']).toBeUndefined();
    expect(Object.keys(silent?.routes ?? {})).toEqual(['__proto__']);
  });

  test('cost no more than in proportion to their length, whatever they say', () => {
    const pieces = [
      ...[
        'cluster',
        'http',
        'server',
        '.',
        '.rds.',
        'cluster_manager.cds',
        '.version_text',
        ': "',
        '"',
        ': ',
        '1',
        '\n',
      ],
      ...[
        'control_plane.identifier',
        '.membership_healthy',
        '.upstream_rq_time: ',
        '.upstream_rq_2xx',
        '.canary',
        'B',
        '(',
        ',',
        ')',
        ' ',
      ],
    ];
    const unit = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 }).map((each) => each.join(''));
    const small = 32_768;
    fc.assert(
      fc.property(fc.array(unit, { minLength: 3, maxLength: 3 }), ([head = '', middle = '', tail = '']) => {
        const text = (bytes: number) => head + middle.repeat(Math.ceil(bytes / Math.max(1, middle.length))) + tail;
        const [short, long] = [text(small), text(8 * small)];
        const once = Math.min(...[1, 2, 3].map(() => processorMs(() => parseGatewayStats(short))));
        expect(processorMs(() => parseGatewayStats(long))).toBeLessThan(16 * once + 100);
      }),
      { numRuns: 100, examples: [[['http.', '.rds.', '']], [['http.a.rds.', 'b.', '.version_text: x']]] },
    );
  }, 60_000);
});
