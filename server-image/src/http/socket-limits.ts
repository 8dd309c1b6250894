// How long and how large a client's connection may be, and the answer to bytes that are no HTTP request.
import type { Socket } from 'node:net';

/**
 * Idle seconds after which the server closes a connection. Longer than the gateway's (Envoy `idle_timeout`, 60 s), so
 * that Envoy always closes first: a server that closes while Envoy sends the next request on the same connection would
 * reset it.
 */
export const keepAliveSeconds = 75;

/** Options of fastify and of Node's HTTP server, in milliseconds and bytes. */
export const socketLimits = {
  keepAliveTimeout: keepAliveSeconds * 1000,
  /** A request, with its body, must have arrived by then: later than at the gateway, which is to be the one that says so. */
  requestTimeout: 70_000,
  http: { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
};

const answers = new Map([
  ['HPE_HEADER_OVERFLOW', { line: '431 Request Header Fields Too Large', error: 'the headers are larger than 16 KiB' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { line: '408 Request Timeout', error: 'the request did not arrive in time' }],
]);
const malformed = { line: '400 Bad Request', error: 'this is not an HTTP/1.1 request' };

/** Answers what Node's HTTP parser refuses, then closes the connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { line, error: message } = answers.get(error.code ?? '') ?? malformed;
  const body = JSON.stringify({ error: message });
  const head = [
    `HTTP/1.1 ${line}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
