// A node's container asks for everything where it can, and for what there is where it cannot.
import { expect, test } from '@jest/globals';
import { privilegesWithin } from './privileges.ts';

test('a machine with every capability runs the node privileged', () => {
  expect(privilegesWithin('000001ffffffffff')).toBe('privileged');
});

test('a machine without CAP_SYS_RESOURCE lists all the others', () => {
  const privileges = privilegesWithin('000001fffeffffff');
  expect(privileges).toMatchObject({
    capabilities: expect.arrayContaining(['SYS_ADMIN', 'NET_ADMIN', 'SYSLOG', 'AUDIT_READ']),
  });
  expect(privileges).not.toMatchObject({ capabilities: expect.arrayContaining(['SYS_RESOURCE']) });
});
