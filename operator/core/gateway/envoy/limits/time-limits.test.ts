// Every limit of time that Envoy is given, and those that it would otherwise have by itself: none ends a request that another
// one lets be under way.
import { expect, test } from '@jest/globals';
import { longestRequestSeconds } from '@sluice/crds/contract.ts';
import type { Route } from '../../routes.ts';
import { envoyArguments } from '../bootstrap.ts';
import { listener } from '../listener.ts';
import { routeConfiguration } from '../route.ts';

const slowest: Route = {
  ...{ deployment: 'digits', port: 10_000, changedIn: 1, changedAt: '2026-01-05T10:00:00Z' },
  backends: [{ revision: 'aaaa', percent: 100, requestTimeoutSeconds: longestRequestSeconds }],
};

const place = { hasIpv6: false, access: 'Open', tls: undefined } as const;

/** Each `<name>: "<seconds>s"` of a configuration. */
const secondsIn = (configuration: unknown): Map<string, number> =>
  new Map(
    [...JSON.stringify(configuration).matchAll(/"([a-z_0-9]+)":"(\d+)s"/g)].map(([, name = '', seconds]) => [
      name,
      Number(seconds),
    ]),
  );

test('a request may take as long as the schema allows: nothing at its listener ends it before its route does', () => {
  const ofListener = secondsIn(listener(slowest, place));
  const route = secondsIn(routeConfiguration(slowest, place.access)).get('timeout') ?? 0;
  const arrival = ofListener.get('request_timeout') ?? 0;
  expect(route).toBeGreaterThan(longestRequestSeconds);
  // Absent it is 300 s.
  expect(ofListener.get('stream_idle_timeout')).toBeGreaterThanOrEqual(arrival + route);
  for (const absent of ['max_stream_duration', 'max_connection_duration']) expect(ofListener.has(absent)).toBe(false);
});

test('a listener that is changed or removed keeps its connections until the longest request is answered', () => {
  const args = envoyArguments({ config: 'bootstrap.json', namespace: 'ml', podName: 'gateway-1' });
  const drain = Number(args[args.indexOf('--drain-time-s') + 1]);
  expect(drain).toBeGreaterThanOrEqual(secondsIn(listener(slowest, place)).get('stream_idle_timeout') ?? 0);
});
