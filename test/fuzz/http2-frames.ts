// HTTP/2 without TLS: its preface, and frames of which some are right.
import type { Choice } from './choice.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** RFC 9113, section 4.1. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** `:method: POST`, `:scheme: http`, `:path: /` of the static table, and `:authority` as a literal. */
const headerBlock = Buffer.from([0x83, 0x86, 0x84, 0x41, 0x01, 0x78]);

const [data, headers, priority, reset, settings, push, ping, goAway, window, continuation] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const;
const [endStream, endHeaders] = [1, 4] as const;

function usual(choose: Choice, stream: number): Buffer {
  const kind = choose.below(8);
  if (kind === 0) return frame(headers, endHeaders | endStream, stream, headerBlock);
  if (kind === 1) return frame(headers, endHeaders, stream, headerBlock);
  if (kind === 2) return frame(data, choose.below(2), stream, Buffer.alloc(choose.below(16_000)));
  if (kind === 3) return frame(reset, 0, stream, Buffer.from([0, 0, 0, 8]));
  if (kind === 4) return frame(window, 0, choose.of([0, stream]), choose.bytes(4));
  if (kind === 5) return frame(ping, 0, 0, choose.bytes(8));
  if (kind === 6) return frame(settings, 0, 0, Buffer.concat([Buffer.from([0, choose.below(8)]), choose.bytes(4)]));
  return frame(headers, endHeaders, stream, choose.bytes(choose.below(60)));
}

const types = [data, headers, priority, reset, settings, push, ping, goAway, window, continuation, 200] as const;

const odd = (choose: Choice, stream: number): Buffer =>
  frame(choose.of(types), choose.below(256), choose.of([0, stream, 2, 0x7fffffff]), choose.bytes(choose.below(80)));

/** A connection's frames, up to some hundred. */
export function frames(choose: Choice): Buffer {
  const count = choose.of([3, 10, 40, 300]);
  const all = Array.from({ length: count }, (_, index) => {
    const stream = choose.mostly(2 * index + 1, 4, [1, 3]);
    return choose.isOnceIn(5) ? odd(choose, stream) : usual(choose, stream);
  });
  const begin = choose.mostly(Buffer.concat([preface, frame(settings, 0, 0, Buffer.alloc(0))]), 8, [preface]);
  return Buffer.concat([begin, ...all]);
}
