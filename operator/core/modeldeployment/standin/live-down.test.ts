// What counts as a live revision that cannot answer: pods, not errors; and silence is no statement.
import { expect, test } from '@jest/globals';
import type { GatewayReading } from '../../gateway/observed.ts';
import { revisionName } from '../../names.ts';
import { gatewayPod, observe, reading, record, start, tableOf, traffic, workload } from '../testing/samples.ts';
import { type LiveState, liveState } from './live-down.ts';

const live = revisionName('digits', record(1).revision);
const finds = (podUid: string, hosts: number | undefined, seconds = 0): GatewayReading =>
  reading(1, [], { podUid, seconds, hosts: hosts === undefined ? {} : { [live]: hosts } });
const both = (first: number | undefined, second: number | undefined) => [
  finds('gateway-1', first),
  finds('gateway-2', second),
];
const ready = [workload(1)];

test.each<[string, LiveState, { workloads?: typeof ready; readings?: GatewayReading[]; pods?: [] }]>([
  ['pods are ready and found', 'Up', {}],
  ['one pod of two is ready', 'Up', { workloads: [workload(1, 1)] }],
  ['no pod is ready, found or not', 'Down', { workloads: [workload(1, 0)] }],
  ['none is asked for', 'Down', { workloads: [workload(1, 0, 0)] }],
  ['its Deployment is gone', 'Down', { workloads: [] }],
  ['no pod is ready, and gateways are silent', 'Down', { workloads: [workload(1, 0)], readings: [] }],
  ['every gateway pod says that it finds none', 'Down', { readings: both(0, 0) }],
  ['one gateway pod of two finds none', 'Unsure', { readings: both(2, 0) }],
  ['one gateway pod finds none and one is silent', 'Unsure', { readings: [finds('gateway-1', 0)] }],
  ['one gateway pod finds none and one does not say it', 'Unsure', { readings: both(0, undefined) }],
  [
    'gateway pods found none a while ago',
    'Unsure',
    { readings: [0, 1].map((at) => finds(`gateway-${at + 1}`, 0, -11)) },
  ],
  ['every gateway pod is silent', 'Unsure', { readings: [] }],
  ['no gateway pod is there', 'Unsure', { pods: [], readings: [] }],
])('when %s: %s', (_what, state, { workloads = ready, readings = both(2, 2), pods }) => {
  const gateways = pods ?? [gatewayPod('gateway-1'), gatewayPod('gateway-2')];
  const seen = {
    observed: observe({ workloads }),
    traffic: traffic({ table: tableOf([]), readings, pods: gateways, now: start }),
  };
  expect(liveState(record(1), seen)).toBe(state);
});
