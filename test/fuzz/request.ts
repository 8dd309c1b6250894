// One request of HTTP/1, right in most of its parts and wrong in some: a grammar whose every rule has its faults.
import { body } from './body.ts';
import type { Choice } from './choice.ts';
import { inferPath, model } from './place/model.ts';

const methods: readonly string[] = [
  'GET',
  'HEAD',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'BREW',
];
const oddMethods: readonly string[] = ['post', '', 'P\u0000ST', 'POST ', 'X'.repeat(5000), '\u00ff', 'PRI'];

const paths: readonly string[] = [
  ...[
    '/',
    '/v2',
    '/v2/health/live',
    '/v2/health/ready',
    `/v2/models/${model}`,
    `/v2/models/${model}/ready`,
    '/metrics',
  ],
  ...[
    `/v2/models/${model}/versions/1/infer`,
    '/v2/models/other/infer',
    '/v1/models/tiny:predict',
    '/stats',
    '/quitquitquit',
  ],
];

const oddPath = (choose: Choice): string =>
  choose.of([
    ...['*', '', 'x', '//', '/%', '/%zz', '/%00', '/%ff%fe', '/../../etc/passwd', '/v2/%2e%2e/%2e%2e/x', '/v2?a=b#c'],
    ...[
      'http://other/v2',
      'http://',
      'https://x:99999/v2',
      'x:80',
      '/v2/models/\u00ff\u00fe/infer',
      '/\u0000',
      '/a b c',
    ],
    ...[`/${'a'.repeat(choose.below(20_000))}`, `/v2?${'q='.repeat(choose.below(9000))}`, `/${choose.text(40)}`],
  ]);

const lengthOf = (choose: Choice, bytes: number): string =>
  choose.mostly(String(bytes), 5, [
    ...[
      String(bytes + 1),
      String(Math.max(0, bytes - 1)),
      '0',
      '-1',
      '+5',
      '0x10',
      '5, 5',
      '5,6',
      '',
      ' ',
      'abc',
      '1e3',
    ],
    ...['9999999999', '18446744073709551616', '8388609', '67108865', `0${bytes}`, `${bytes}\u0000`],
  ]);

const codings: readonly string[] = [
  'Chunked',
  'chunked, chunked',
  'gzip, chunked',
  'identity',
  'x',
  '\u000bchunked',
  'chunked;a=b',
  '',
];

/** In chunks, some of them with a fault. */
function inChunks(choose: Choice, bytes: Buffer): Buffer {
  const end = choose.mostly('0\r\n\r\n', 5, [
    '0\r\n',
    '',
    '0\r\nx: y\r\n\r\n',
    '00000\r\n\r\n',
    '0;a\r\n\r\n',
    '0\r\n\u0000: \r\n\r\n',
  ]);
  const size = choose.mostly(bytes.length.toString(16), 5, [
    ...[
      'zz',
      '-1',
      'ffffffffffffffff',
      '10000000000000000',
      '',
      '0x5',
      ' 5',
      `5;${'x'.repeat(5000)}`,
      (bytes.length + 7).toString(16),
    ],
  ]);
  const line = choose.mostly('\r\n', 9, ['\n', '\r', '', '\r\r\n']);
  return Buffer.concat([Buffer.from(`${size}${line}`, 'latin1'), bytes, Buffer.from(`${line}${end}`, 'latin1')]);
}

const headers = (choose: Choice): string[] => [
  ...[
    'Expect: 100-continue',
    'Expect: x',
    'Connection: close',
    'Connection: keep-alive',
    'Connection: host, content-length',
  ],
  ...[
    'Upgrade: websocket\r\nConnection: Upgrade',
    'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAM',
  ],
  ...[
    'TE: trailers, x',
    'Host: other',
    'Host: a b',
    'Host:',
    'Content-Encoding: gzip',
    'Content-Encoding: gzip, br',
    'Accept-Encoding: gzip',
  ],
  ...[
    'Content-Type: application/grpc',
    'Content-Type: text/plain',
    'Content-Type: \u00ff',
    'Inference-Header-Content-Length: 5',
  ],
  ...[
    'X-Envoy-Upstream-Rq-Timeout-Ms: 1',
    'X-Envoy-Upstream-Alt-Stat-Name: evil',
    'X-Envoy-Retry-On: 5xx',
    'X-Forwarded-For: 127.0.0.1',
  ],
  ...[
    'X-Envoy-Upstream-Canary: true',
    'Grpc-Timeout: 1n',
    'Range: bytes=0-',
    'Origin: http://x',
    'Cookie: a=b; '.repeat(choose.below(400)),
  ],
  ...[
    ` folded: x`,
    'a : b',
    ': b',
    'a',
    'a: b\u0001c',
    'a: \u0000',
    'a: \u00ff',
    `a: ${'x'.repeat(choose.below(40_000))}`,
    `${'x'.repeat(choose.below(9000))}: a`,
  ],
  ...[
    'x: y\r\n'.repeat(choose.below(300)),
    'a: b\r\n c',
    'Transfer-Encoding: chunked',
    'Content-Length: 3',
    `${choose.text(9)}: ${choose.text(20)}`,
  ],
];

/** The bytes of a request. */
export function request(choose: Choice): Buffer {
  const method = choose.mostly('POST', 4, choose.isOnceIn(4) ? oddMethods : methods);
  const path = choose.mostly(inferPath, 3, [...paths, oddPath(choose), oddPath(choose)]);
  const version = choose.mostly('HTTP/1.1', 8, [
    'HTTP/1.0',
    'HTTP/0.9',
    'HTTP/2.0',
    'HTTP/9.9',
    'HTTP',
    '',
    'http/1.1',
    'HTTP/1.1 ',
  ]);
  const line = choose.mostly('\r\n', 15, ['\n', '\r', '\r\r\n', '\n\r', '']);
  const bytes = body(choose);
  const isChunked = choose.isOnceIn(4);
  const framing = isChunked
    ? `Transfer-Encoding: ${choose.mostly('chunked', 5, codings)}`
    : `Content-Length: ${lengthOf(choose, bytes.length)}`;
  const more = Array.from({ length: choose.index([4, 3, 1, 1]) }, () => choose.of(headers(choose)));
  const host = choose.mostly(['Host: tiny'], 12, [[]]);
  const head = [`${method} ${path} ${version}`, ...host, 'Content-Type: application/json', framing, ...more, '', ''];
  return Buffer.concat([Buffer.from(head.join(line), 'latin1'), isChunked ? inChunks(choose, bytes) : bytes]);
}
