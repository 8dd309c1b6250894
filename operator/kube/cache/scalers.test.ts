// Of the managed fields of an object caches keep who sets its replicas, and nothing else.
import { expect, test } from '@jest/globals';
import { stored } from '../testing/stored.ts';
import { trimObject } from './reflector.ts';
import { scalersOf } from './scalers.ts';

const replicas = { 'f:spec': { 'f:replicas': {} } };
const ours = { manager: 'sluice', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:template': {} } } };
const scaler = { manager: 'kube-controller-manager', operation: 'Update', subresource: 'scale', fieldsV1: replicas };
const status = { manager: 'kube-controller-manager', subresource: 'status', fieldsV1: { 'f:status': {} } };

test.each<[string, unknown, object[]]>([
  ['nobody came by the scale subresource', [ours, status], []],
  ['somebody scaled it', [status, scaler], [{ manager: 'kube-controller-manager', subresource: 'scale' }]],
  [
    'somebody scaled it to what we want',
    [ours, scaler],
    [{ manager: 'sluice' }, { manager: 'kube-controller-manager', subresource: 'scale' }],
  ],
  ['nothing is said', undefined, []],
  ['what is said makes no sense', [null, 7, { fieldsV1: 'x' }, { manager: 3, fieldsV1: { 'f:spec': null } }], []],
])('%s', (_what, managedFields, scalers) => {
  expect(scalersOf(managedFields)).toEqual(scalers);
  const trimmed = trimObject(stored({ name: 'a', managedFields }));
  expect(trimmed.metadata.managedFields).toEqual(scalers.length > 0 ? scalers : undefined);
});
