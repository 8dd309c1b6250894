// What one connection of a client that means no good says: bytes and pauses, made from a seed. The same seed and number make
// the same conversation.
import { createRandom } from '@sluice/statistics/random.ts';
import { Choice } from './choice.ts';
import { frames } from './http2-frames.ts';
import { request } from './request.ts';

/** A client's next deed. `Reset` and `HalfClose` are the last ones. */
export type Deed =
  | { readonly type: 'Send'; readonly bytes: Buffer }
  | { readonly type: 'Wait'; readonly milliseconds: number }
  | { readonly type: 'HalfClose' }
  | { readonly type: 'Reset' };

const tlsHello = Buffer.from('16030100f8010000f40303', 'hex');

/** Everything that the client says on its connection, before anything is cut out of it. */
function speech(choose: Choice): Buffer {
  const kind = choose.index([80, 8, 4, 4, 4]);
  if (kind === 0) return Buffer.concat(Array.from({ length: 1 + choose.index([6, 2, 1]) }, () => request(choose)));
  if (kind === 1) return frames(choose);
  if (kind === 2) return choose.bytes(1 + choose.below(2000));
  if (kind === 3) return Buffer.concat([tlsHello, choose.bytes(choose.below(300))]);
  return Buffer.from('\r\n'.repeat(choose.below(50)));
}

/** The bytes in pieces, some with a pause between them. */
function pieces(choose: Choice, bytes: Buffer): Deed[] {
  const cuts = choose.index([5, 2, 1]);
  const ends = Array.from({ length: cuts }, () => choose.below(bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].flatMap((end, index): Deed[] => {
    const piece = bytes.subarray(ends[index - 1] ?? 0, end);
    return [
      { type: 'Send', bytes: piece },
      { type: 'Wait', milliseconds: choose.below(15) },
    ];
  });
}

/** @param number of the conversation, from 0. */
export function conversation(seed: number, number: number): Deed[] {
  const choose = new Choice(createRandom(seed, number));
  const whole = speech(choose);
  const isBrokenOff = choose.isOnceIn(6);
  const deeds = pieces(choose, isBrokenOff ? whole.subarray(0, choose.below(whole.length + 1)) : whole);
  const ending = choose.index([6, 2, 2]);
  if (ending === 1) return [...deeds, { type: 'HalfClose' }];
  return ending === 2 || isBrokenOff ? [...deeds, { type: 'Reset' }] : deeds;
}
