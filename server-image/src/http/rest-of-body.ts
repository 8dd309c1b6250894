// Reads the rest of a body that nobody needs any more, before its request is answered. A connection that is closed while
// bytes of its client are unread is reset, and the client, or the gateway, may lose the answer with it: what was a 413
// looks like a broken server.
import type { IncomingMessage } from 'node:http';
import { largestRequestBytes } from '@sluice/crds/contract.ts';

/** How long, and how much, a client is listened to that is refused anyway. */
const patienceMs = 10_000;
const mostBytes = largestRequestBytes;

/** Resolves to whether the request was read to its end, when that is known. */
export function restOfBody(request: IncomingMessage): Promise<boolean> {
  if (request.complete || request.destroyed) return Promise.resolve(request.complete);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) stop();
  };
  const stop = () => {
    clearTimeout(timer);
    request.off('data', count).off('end', stop).off('close', stop);
    resolve(request.complete);
  };
  const timer = setTimeout(stop, patienceMs);
  request.on('data', count).once('end', stop).once('close', stop).resume();
  return promise;
}
