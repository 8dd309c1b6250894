// What counts as a write that may still be carried out.
import { expect, test } from '@jest/globals';
import { MemoryTransport } from '../testing/memory-transport.ts';
import { CountedTransport } from './counted-transport.ts';

test('a write is under way until it is answered or fails, a read never', async () => {
  const transport = new CountedTransport(new MemoryTransport());
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  const write = transport.request({ method: 'POST', path: '/things', body, deadline: 'write' });
  const read = transport.request({ method: 'GET', path: '/nothing', deadline: 'read' });
  const refused = transport.request({ method: 'DELETE', path: '/nothing', deadline: 'write' });
  expect(transport.writesUnderWay).toBe(2);
  await Promise.allSettled([write, read, refused]);
  expect(transport.writesUnderWay).toBe(0);
});
