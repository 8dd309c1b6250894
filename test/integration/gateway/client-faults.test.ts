// A real Envoy and the real model server, asked by clients that do something wrong: what each of them is told, that nothing of
// it is counted, and that a client beside them is answered all the while.
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { revisionName } from '@sluice/operator/core/names.ts';
import { say } from '../../fuzz/client.ts';
import type { Deed } from '../../fuzz/conversation.ts';
import { type GoodReport, startGoodClient } from '../../fuzz/good-client.ts';
import { deployment, goodBody, inferPath, revision } from '../../fuzz/place/model.ts';
import { type Place, startPlace } from '../../fuzz/place/place.ts';

const mebibyte = 2 ** 20;
const json = 'Content-Type: application/json';

type Parts = { readonly line?: string; readonly headers?: readonly string[]; readonly body?: string | Buffer };

/** Whether the answer's JSON has come. */
const isWhole = (text: string) => /\r\n\r\n.*\}\s*$/s.test(text);

/** The bytes of a request, and its Content-Length unless a header says how it is framed. */
function bytesOf({ line = `POST ${inferPath} HTTP/1.1`, headers = [json], body = goodBody }: Parts): Buffer {
  const isFramed = headers.some((header) => /^(transfer-encoding|content-length):/i.test(header));
  const framing = isFramed ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const head = [line, 'Host: tiny', ...framing, ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

const send = (bytes: Buffer): Deed => ({ type: 'Send', bytes });
const wait = (milliseconds: number): Deed => ({ type: 'Wait', milliseconds });
const chunked = ['Transfer-Encoding: chunked', json];
const inChunks = (bytes: number) => `${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n0\r\n\r\n`;

let place: Place;
let stopGood: () => Promise<GoodReport>;
let answeredBefore = 0;

const counted = async () => {
  const { counters } = await place.state();
  return { backend: counters?.backends[revisionName(deployment, revision)], gateway: counters?.gateway[deployment] };
};

beforeAll(async () => {
  place = await startPlace();
  const { backend, gateway } = await counted();
  // Until the server listens, the gateway has counted that.
  answeredBefore = (backend?.errors ?? 0) + (gateway?.errors ?? 0);
  stopGood = startGoodClient(place.port, 1);
}, 120_000);
afterAll(() => place.stop());

/** What a client is told: a status, and a text that is JSON with `error`; and whether a revision was asked, which the answer says. */
const refusals: readonly (readonly [string, 'nobody' | 'the model', number, RegExp, Parts])[] = [
  ['a body of 9 MiB', 'nobody', 413, /larger than 8388608 bytes; send fewer rows/, { body: ' '.repeat(9 * mebibyte) }],
  ['a body of 40 MiB', 'nobody', 413, /larger than 8388608 bytes/, { body: ' '.repeat(40 * mebibyte) }],
  [
    'a body of 9 MiB in chunks',
    'the model',
    413,
    /larger than 8388608/,
    { headers: chunked, body: inChunks(9 * mebibyte) },
  ],
  [
    'a body that says 8 TiB',
    'nobody',
    413,
    /larger than 8388608/,
    { headers: [json, `Content-Length: ${2 ** 43}`], body: '' },
  ],
  [
    '7 MiB to another model',
    'the model',
    404,
    /no such model/,
    { line: 'POST /v2/models/x/infer HTTP/1.1', body: ' '.repeat(7 * mebibyte) },
  ],
  ['7 MiB that are no JSON', 'the model', 400, /not JSON/, { body: ' '.repeat(7 * mebibyte) }],
  [
    '7 MiB of a type that is not taken',
    'the model',
    415,
    /must be JSON/,
    { headers: ['Content-Type: text/csv'], body: ','.repeat(7 * mebibyte) },
  ],
  [
    'an encoding that nobody knows',
    'the model',
    415,
    /Content-Encoding/,
    { headers: [json, 'Content-Encoding: zstd'] },
  ],
  [
    'a gzip bomb',
    'the model',
    413,
    /uncompressed body is larger/,
    { headers: [json, 'Content-Encoding: gzip'], body: gzipSync(Buffer.alloc(64 * mebibyte)) },
  ],
  [
    'gzip that breaks off',
    'the model',
    400,
    /not gzip/,
    { headers: [json, 'Content-Encoding: gzip'], body: gzipSync(goodBody).subarray(0, 30) },
  ],
  [
    'Content-Length and chunks',
    'nobody',
    400,
    /no valid HTTP/,
    { headers: ['Content-Length: 5', ...chunked], body: '0\r\n\r\n' },
  ],
  ['two lengths', 'nobody', 400, /no valid HTTP/, { headers: [json, 'Content-Length: 5', 'Content-Length: 6'] }],
  ['a negative length', 'nobody', 400, /no valid HTTP/, { headers: [json, 'Content-Length: -5'] }],
  [
    'a coding before chunked',
    'nobody',
    400,
    /Transfer-Encoding must be chunked/,
    { headers: ['Transfer-Encoding: gzip, chunked'], body: '' },
  ],
  ['a chunk without a size', 'the model', 400, /no valid HTTP/, { headers: chunked, body: 'zz\r\n' }],
  ['headers of 20 KiB', 'nobody', 431, /14 KiB or 100/, { headers: [json, `X: ${'x'.repeat(20_000)}`] }],
  [
    '200 headers',
    'nobody',
    431,
    /14 KiB or 100/,
    { headers: [json, ...Array.from({ length: 200 }, (_, index) => `X${index}: x`)] },
  ],
  ['a URL of 20 KiB', 'nobody', 431, /shorter URL/, { line: `POST ${inferPath}?${'x'.repeat(20_000)} HTTP/1.1` }],
  [
    'bytes in the path that are no UTF-8',
    'nobody',
    400,
    /no valid HTTP/,
    { line: 'GET /v2/models/\u00ff\u00fe HTTP/1.1', body: '' },
  ],
  [
    'a path that cannot be decoded',
    'the model',
    400,
    /escape its % signs/,
    { line: 'GET /v2/models/%ff%zz HTTP/1.1', body: '' },
  ],
  ['a control character in a header', 'nobody', 400, /no valid HTTP/, { headers: [json, 'X: a\u0001b'] }],
  ['an upgrade', 'nobody', 403, /cannot be upgraded/, { headers: [json, 'Connection: Upgrade', 'Upgrade: websocket'] }],
  ['CONNECT', 'nobody', 404, /begins at \/v2/, { line: 'CONNECT tiny:80 HTTP/1.1', headers: [], body: '' }],
  ['OPTIONS *', 'nobody', 404, /begins at \/v2/, { line: 'OPTIONS * HTTP/1.1', body: '' }],
  ['TRACE', 'the model', 404, /\/v2/, { line: 'TRACE /v2 HTTP/1.1', body: '' }],
  ['a method that nobody knows', 'nobody', 400, /no valid HTTP/, { line: 'BREW /v2 HTTP/1.1', body: '' }],
  ['an expectation that nobody meets', 'nobody', 417, /100-continue/, { headers: [json, 'Expect: tea'] }],
];

/** Deeds of clients that are told nothing, or what others are told. */
const rude: readonly (readonly [string, readonly Deed[], readonly number[]])[] = [
  ['sends half a body and resets', [send(bytesOf({}).subarray(0, -20)), wait(50), { type: 'Reset' }], []],
  [
    'sends half of 7 MiB and resets',
    [send(bytesOf({ body: ' '.repeat(7 * mebibyte) }).subarray(0, 3 * mebibyte)), wait(50), { type: 'Reset' }],
    [],
  ],
  [
    'sends half a chunk and resets',
    [send(bytesOf({ headers: chunked, body: 'ffff\r\n{' })), wait(50), { type: 'Reset' }],
    [],
  ],
  ['closes its side before its body is whole', [send(bytesOf({}).subarray(0, -20)), { type: 'HalfClose' }], []],
  ['leaves before its answer', [send(bytesOf({})), { type: 'Reset' }], []],
  ['sends a byte at a time', [...bytesOf({})].flatMap((byte) => [send(Buffer.from([byte])), wait(1)]), [200]],
  ['asks three times without waiting', [send(Buffer.concat([1, 2, 3].map(() => bytesOf({}))))], [200, 200, 200]],
  ['speaks HTTP/1.0', [send(bytesOf({ line: `POST ${inferPath} HTTP/1.0` }))], [200]],
  [
    'speaks HTTP/1.0 twice on one connection',
    [1, 2].map(() => send(bytesOf({ line: `POST ${inferPath} HTTP/1.0`, headers: [json, 'Connection: keep-alive'] }))),
    [200, 200],
  ],
  ['waits for 100 Continue', [send(bytesOf({ headers: [json, 'Expect: 100-continue'] }))], [100, 200]],
  [
    'asks the gateway for less time, and for retries',
    [
      send(
        bytesOf({
          headers: [
            json,
            'X-Forwarded-For: 127.0.0.1',
            'X-Envoy-Upstream-Rq-Timeout-Ms: 1',
            'X-Envoy-Retry-On: 5xx',
            'X-Envoy-Upstream-Alt-Stat-Name: evil',
          ],
        }),
      ),
    ],
    [200],
  ],
];

describe('a client that sends', () => {
  test.each(refusals)('%s asks %s, and is answered %d with what to do', async (_, asked, status, error, parts) => {
    const { statuses, text } = await say(place.port, [send(bytesOf(parts)), wait(5000)], isWhole);
    expect(statuses).toEqual([status]);
    const body: unknown = JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
    expect(body).toEqual({ error: expect.stringMatching(error) });
    expect(/^sluice-revision: /m.test(text)).toBe(asked === 'the model');
  });
});

describe('a client that', () => {
  test.each(rude)('%s', async (_, deeds, statuses) => {
    const hasAll = (text: string) =>
      statuses.length > 0 && [...text.matchAll(/HTTP\/1\.\d \d{3} /g)].length === statuses.length;
    expect((await say(place.port, [...deeds, wait(statuses.length > 0 ? 5000 : 100)], hasAll)).statuses).toEqual(
      statuses,
    );
  });

  test('speaks HTTP/2 at once is answered, and refused in the same words', async () => {
    const session = connectHttp2(`http://127.0.0.1:${place.port}`);
    const ask = async (body: string) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': inferPath,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      stream.on('error', () => stream.destroy()).end(body);
      const [headers] = await once(stream, 'response');
      return headers[':status'];
    };
    expect(await ask(goodBody)).toBe(200);
    expect(await ask(' '.repeat(9 * mebibyte))).toBe(413);
    expect(await ask(goodBody)).toBe(200);
    session.destroy();
  });
});

test('none of it was counted, and a client beside them was answered every time', async () => {
  const good = await stopGood();
  expect(good.failures).toEqual([]);
  expect(good.sent).toBeGreaterThan(100);
  const { backend, gateway } = await counted();
  expect((backend?.errors ?? 0) + (gateway?.errors ?? 0)).toBe(answeredBefore);
  expect(backend).toMatchObject({ counted: 'Predictions', nonFinite: 0, overloaded: 0 });
  expect(await place.stats('evil')).toBe('');
});
