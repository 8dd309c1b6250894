// Pages in browsers, at a real Envoy with our filters: what a browser asks before it sends a request, and what a page may read.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Entry, type Place, startPlace } from '../../clients/place.ts';

const gzip = { 'content-encoding': 'gzip' };
const page = 'https://app.example.com';
const preflightHeaders = {
  origin: page,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type,x-api-key',
};

const origins = [page, 'http://localhost:3000'];
const entries = {
  open: { model: 'people', cors: { origins } },
  closed: { model: 'people' },
  public: { model: 'people', cors: { origins: ['*'] } },
  nobody: { cors: { origins } },
} satisfies Record<string, Entry>;
type Name = keyof typeof entries;

let place: Place<Name>;
beforeAll(async () => {
  place = await startPlace<Name>(entries);
});
afterAll(() => place.close());

const corsOf = ({ headers }: Response) => ({
  origin: headers.get('access-control-allow-origin'),
  exposed: headers.get('access-control-expose-headers'),
  credentials: headers.get('access-control-allow-credentials'),
});
const allowed = { origin: page, exposed: '*', credentials: null };
const none = { origin: null, exposed: null, credentials: null };
const at = (name: Name, path = '/v2/models/people/infer') => `http://${place.hosts[name]}${path}`;
const row = JSON.stringify({
  inputs: [
    { name: 'age', shape: [1], datatype: 'FP64', data: [30] },
    { name: 'city', shape: [1], datatype: 'BYTES', data: ['Graz'] },
  ],
});

describe('a page whose origin is named', () => {
  test('may ask: its preflight is answered by the gateway, also while nothing serves', async () => {
    for (const name of ['open', 'nobody'] as const) {
      const response = await fetch(at(name), { method: 'OPTIONS', headers: preflightHeaders });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-allow-methods': 'GET, HEAD, POST',
        'access-control-allow-headers': 'authorization, *',
        'access-control-max-age': '600',
      });
    }
  });

  test('may ask a model in its private network', async () => {
    const headers = { ...preflightHeaders, 'access-control-request-private-network': 'true' };
    const named = await fetch(at('open'), { method: 'OPTIONS', headers });
    const anyone = await fetch(at('public'), { method: 'OPTIONS', headers });
    const answers = [named, anyone].map((response) => response.headers.get('access-control-allow-private-network'));
    expect(answers).toEqual(['true', null]);
  });

  test.each<[number, Name, string, RequestInit]>([
    [200, 'open', '/v2/models/people', {}],
    [200, 'open', '/v2/models/people/infer', { method: 'POST', body: row }],
    [400, 'open', '/v2/models/people/infer', { method: 'POST', body: '{}' }],
    [404, 'open', '/v2/models/other', {}],
    [405, 'open', '/v2/models/people/infer', {}],
    [
      413,
      'open',
      '/v2/models/people/infer',
      { method: 'POST', body: gzipSync(Buffer.alloc(2_000_000)), headers: gzip },
    ],
    [413, 'open', '/v2/models/people/infer', { method: 'POST', body: 'x'.repeat(9_000_000) }],
    [415, 'open', '/v2/models/people/infer', { method: 'POST', body: 'a=b' }],
    [503, 'nobody', '/v2/models/people/infer', { method: 'POST', body: row }],
  ])('can read a %i of %s at %s', async (status, name, path, init) => {
    const response = await fetch(at(name, path), { ...init, headers: { ...init.headers, origin: page } });
    expect([response.status, corsOf(response), response.headers.get('vary')]).toEqual([status, allowed, 'origin']);
    await response.text();
  });
});

test('with * every page may ask, its own origin is what it is told', async () => {
  const response = await fetch(at('public', '/v2'), { headers: { origin: 'null' } });
  expect(corsOf(response)).toEqual({ ...allowed, origin: 'null' });
});

test.each<[string, Name, string]>([
  ['another origin', 'open', 'https://app.example.com.evil.example'],
  ['another port', 'open', 'http://localhost:3001'],
  ['no origin at all', 'open', ''],
  ['any origin where none is named', 'closed', page],
])('a page of %s may not ask, and may not read', async (_what, name, origin) => {
  const preflight = await fetch(at(name), { method: 'OPTIONS', headers: { ...preflightHeaders, origin } });
  expect(corsOf(preflight)).toEqual(none);
  const response = await fetch(at(name), { method: 'POST', body: row, headers: { origin } });
  expect([response.status, corsOf(response)]).toEqual([200, none]);
});
