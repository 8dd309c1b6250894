// Requests are counted as the apiserver noted them: answered ones, once each, by whom and what.
import { describe, expect, test } from '@jest/globals';
import { isWrite, parseAuditLog, tally } from './audit-log.ts';

const line = (verb: string, objectRef: object, more: object = {}) =>
  JSON.stringify({
    stage: 'ResponseComplete',
    verb,
    user: { username: 'system:serviceaccount:sluice-system:sluice-operator' },
    objectRef,
    responseStatus: { code: 200 },
    ...more,
  });

const status = { resource: 'trainingjobs', apiGroup: 'sluice.dev', subresource: 'status' };

describe('the audit log', () => {
  test('names resources as RBAC does and leaves out what is not answered yet', () => {
    const text = [
      line('patch', status),
      line('watch', { resource: 'pods' }, { stage: 'ResponseStarted' }),
      line('create', { resource: 'pods', subresource: 'binding' }),
      '{"stage":"Respo',
    ].join('\n');
    expect(parseAuditLog(text).map(({ verb, resource, code }) => [verb, resource, code])).toEqual([
      ['patch', 'trainingjobs.sluice.dev/status', 200],
      ['create', 'pods/binding', 200],
    ]);
  });

  test('counts what changed something: no refused write, no Event, no read', () => {
    const text = [
      line('patch', status),
      line('patch', status, { responseStatus: { code: 409 } }),
      line('create', { resource: 'events' }),
      line('patch', { resource: 'events', apiGroup: 'events.k8s.io' }),
      line('get', { resource: 'jobs', apiGroup: 'batch' }),
      '',
    ].join('\n');
    expect(parseAuditLog(text).map(isWrite)).toEqual([true, false, false, false, false]);
  });

  test('is summed up by user, verb and resource, failures apart', () => {
    const text = [
      line('patch', status),
      line('patch', status, { responseStatus: { code: 409 } }),
      line('patch', status),
      '',
    ];
    expect(tally(parseAuditLog(text.join('\n')))).toEqual([
      ['sluice-operator patch trainingjobs.sluice.dev/status', 2],
      ['sluice-operator patch trainingjobs.sluice.dev/status (409)', 1],
    ]);
  });
});
