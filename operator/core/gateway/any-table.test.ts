// Whatever the routing table of a namespace holds, what its ModelDeployments ask for and its gateway pods say: a table comes
// of it that can be read again.
import { expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import fc from 'fast-check';
import { byName } from '../names.ts';
import { noRefusals } from './delivery/refusals.ts';
import type { GatewayReading } from './observed.ts';
import { planGateway } from './plan.ts';
import { largestVersion, type RouteRequest, type RoutingTable, routingTableSchema } from './routes.ts';

const settings = {
  gatewayImage: 'gateway:1',
  imagePullPolicy: 'Never',
  operatorCertificates: 'PEM',
  hasIpv6: false,
  xdsAddress: { host: 'operator', port: 18_000 },
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  hash: () => 'h',
} as const;

const start = Date.parse('2026-01-05T10:00:00Z');
const pod = {
  metadata: { name: 'gateway-1', uid: 'gateway-1', creationTimestamp: '2026-01-05T09:00:00Z' },
  status: { podIP: '10.0.0.1' },
};

const name = fc.constantFrom('digits', 'letters', 'constructor', 'to-string');
const version = fc.constantFrom(1, 7, largestVersion - 1, largestVersion);
const said = fc.oneof(version, fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const port = fc.constantFrom(10_000, 10_001, 10_999, 11_000, 9_902, 32_767, -1);
const percent = fc.integer({ min: 0, max: 100 });
const backends = fc.array(fc.record({ revision: name, percent, requestTimeoutSeconds: fc.constantFrom(1, 600) }), {
  maxLength: 8,
});
const fallback = fc.option(
  fc.record(
    {
      afterMilliseconds: fc.constantFrom(10, 600_000),
      live: fc.record({ revision: name, requestBytes: fc.constantFrom(1024, 1_048_576) }),
      staticAnswer: fc.constantFrom('{}', 'x'.repeat(16_384)),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);
const route = fc.record({
  deployment: name,
  port,
  changedIn: version,
  changedAt: fc.constant('9999-12-31T23:59:59Z'),
  backends,
});
const table = fc
  .record({ version, routes: fc.array(route, { maxLength: 5 }) })
  .map((each): RoutingTable | undefined => routingTableSchema.safeParse(each).data);
const requests: fc.Arbitrary<RouteRequest[]> = fc.uniqueArray(
  fc.record({ deployment: name, port: fc.option(port, { nil: undefined }), backends, fallback }),
  { selector: ({ deployment }) => deployment, minLength: 1 },
);
const report = fc.record({
  clusters: said,
  listeners: said,
  routes: fc.dictionary(name, said).map((each) => byName(Object.entries(each))),
  hosts: fc.constant(byName<number>([])),
  refusals: fc.constant(noRefusals),
});

test('every table that can be read leads to one that can be read, with a port of its own for each listener', () => {
  fc.assert(
    fc.property(requests, table, report, (asked, before, state) => {
      const readings: GatewayReading[] = [{ podUid: 'gateway-1', report: state, at: start }];
      const observed = { namespace: 'ml', wish: undefined, requests: asked, table: before, pods: [pod], readings };
      const plan = planGateway(observed, start, settings);
      expect(routingTableSchema.safeParse(plan?.table).success).toBe(true);
      expect(plan?.table.routes).toHaveLength(asked.length);
      expect(new Set(plan?.table.routes.map((each) => each.port)).size).toBe(asked.length);
    }),
    { numRuns: 500 },
  );
});

test('a gateway that says thousands of versions is heard without an end of the stack', () => {
  const routes = byName(Array.from({ length: 200_000 }, (_, index) => [`d${index}`, index] as const));
  const readings = [
    {
      podUid: 'gateway-1',
      report: { clusters: 1, listeners: 1, routes, hosts: byName<number>([]), refusals: noRefusals },
      at: start,
    },
  ];
  const requests = [{ deployment: 'digits', port: undefined, backends: [] }];
  const plan = planGateway(
    { namespace: 'ml', wish: undefined, requests, table: undefined, pods: [pod], readings },
    start,
    settings,
  );
  expect(plan?.table.version).toBe(200_000);
});
