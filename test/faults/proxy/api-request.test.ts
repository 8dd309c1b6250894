// What requests mean is read from their method and path alone.
import { describe, expect, test } from '@jest/globals';
import { nameInBody, readTarget } from './api-request.ts';

const cases: [string, string, string][] = [
  ['GET', '/api/v1/namespaces/a/configmaps/x', 'get /configmaps a x '],
  ['GET', '/api/v1/namespaces/a/configmaps?limit=500', 'list /configmaps a  '],
  ['GET', '/api/v1/configmaps?watch=true&resourceVersion=5', 'watch /configmaps   '],
  ['GET', '/api/v1/namespaces', 'list /namespaces   '],
  ['GET', '/api/v1/namespaces/a', 'get /namespaces  a '],
  ['PUT', '/api/v1/namespaces/a/finalize', 'update /namespaces  a finalize'],
  ['PATCH', '/apis/batch/v1/namespaces/a/jobs/j?fieldManager=m', 'patch batch/jobs a j '],
  ['PATCH', '/apis/sluice.dev/v1alpha1/namespaces/a/trainingjobs/j/status', 'patch sluice.dev/trainingjobs a j status'],
  ['POST', '/api/v1/namespaces/a/pods', 'create /pods a  '],
  ['GET', '/api/v1/namespaces/a/pods/p/proxy/metrics', 'get /pods a p proxy/metrics'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments/d', 'delete apps/deployments a d '],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection apps/deployments a  '],
  ['GET', '/version', 'list /   '],
  ['GET', '/apis/batch/v1', 'list /   '],
];

describe('readTarget', () => {
  test.each(cases)('%s %s', (method, path, expected) => {
    const { verb, group, resource, namespace, name, subresource } = readTarget(method, path);
    expect(`${verb} ${group}/${resource} ${namespace} ${name} ${subresource}`).toBe(expected);
  });
});

describe('nameInBody', () => {
  test.each([
    ['{"metadata":{"name":"x"}}', 'x'],
    ['{"metadata":{"generateName":"x-"}}', ''],
    ['{', ''],
  ])('%s names %s', (body, name) => {
    expect(nameInBody(body)).toBe(name);
  });
});
