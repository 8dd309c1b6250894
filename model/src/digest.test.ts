import { expect, test } from '@jest/globals';
import { digestOf } from './digest.ts';

test('the digest of a value is the SHA-256 of its canonical text', () => {
  expect(digestOf({})).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  expect(digestOf({ b: 1, a: [] })).toBe(digestOf({ a: [], b: 1 }));
});
