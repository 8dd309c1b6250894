// What a ModelDeployment asks of the gateway, from its spec and its status.
import { expect, test } from '@jest/globals';
import type { GatewayState } from '../../core/gateway/observed.ts';
import { stored } from '../../kube/testing/stored.ts';
import { createStores } from '../caches.ts';
import { gatewayState } from '../measure/gateway-state.ts';
import { PodPoller } from '../measure/pod-poller.ts';
import { observeGateway } from './gateway.ts';

const model = { name: 'digits', track: 'Latest' };
const digest = `sha256:${'0'.repeat(64)}`;
const stable = { revision: 'aaaa', version: 'digits-1', digest };
const output = { name: 'value', datatype: 'FP32', shape: [1], numbers: [0] };

test.each<[string, object, object, object | undefined]>([
  ['nothing', {}, { stable }, undefined],
  [
    'a live version that there is',
    { liveVersion: {} },
    { stable },
    { live: { revision: 'aaaa', requestBytes: 65_536 } },
  ],
  ['a live version before there is one', { liveVersion: {}, afterMilliseconds: 50 }, {}, { afterMilliseconds: 50 }],
  [
    'a static answer',
    { staticAnswer: { outputs: [output] } },
    { stable },
    { staticAnswer: '{"model_name":"digits","outputs":[{"name":"value","datatype":"FP32","shape":[1],"data":[0]}]}' },
  ],
  ['what its schema does not have', { liveVersion: { requestBytes: 'many' } }, { stable }, undefined],
])('whoever wants %s', async (_, fallback, status, expected) => {
  const caches = createStores();
  const gateways = new PodPoller<GatewayState>(gatewayState, () => {});
  const spec = Object.keys(fallback).length > 0 ? { model, fallback } : { model };
  const fields = { spec, status: { observedGeneration: 1, ...status } };
  caches.modelDeployments.upsert(stored({ name: 'digits', namespace: 'ml' }, fields));
  const { requests } = observeGateway(caches, gateways, 'ml');
  expect(requests.map((each) => each.fallback)).toEqual([expected]);
  await gateways.close();
});
