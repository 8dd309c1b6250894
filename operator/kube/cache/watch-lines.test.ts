// Checks the reading of watch streams, however the network cuts them.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isExpired, ShapeError } from '../errors.ts';
import { RESOURCES } from '../resources.ts';
import { decodeWatchLine, splitLines } from './watch-lines.ts';

async function linesOf(chunks: readonly Buffer[]): Promise<string[]> {
  async function* feed(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of splitLines(feed())) lines.push(line);
  return lines;
}

describe('splitLines', () => {
  test('gives the same lines wherever the bytes are cut, in the middle of a character too', async () => {
    const line = fc.string({ unit: 'binary' }).map((text) => `"${text.replaceAll('\n', '')}"`);
    const property = fc.asyncProperty(fc.array(line), fc.array(fc.nat(200)), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
      const bounds = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const chunks = bounds.slice(1).map((end, at) => bytes.subarray(bounds[at], end));
      const expected = bytes.toString('utf8').split('\n').slice(0, -1);
      expect(await linesOf(chunks)).toEqual(expected);
    });
    await fc.assert(property);
  });

  test('drops what comes after the last newline: the connection broke in it', async () => {
    expect(await linesOf([Buffer.from('{"a":1}\n{"b":')])).toEqual(['{"a":1}']);
  });

  test('refuses a line without end', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    await expect(linesOf(Array.from({ length: 9 }, () => chunk))).rejects.toBeInstanceOf(ShapeError);
  });
});

describe('decodeWatchLine', () => {
  const decode = (event: unknown) => decodeWatchLine(RESOURCES.pods, JSON.stringify(event));

  test('reads a bookmark', () => {
    const event = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } };
    expect(decode(event)).toEqual({ type: 'BOOKMARK', resourceVersion: '12' });
  });

  test('throws what an ERROR event says', () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    let thrown: unknown;
    try {
      decode({ type: 'ERROR', object: status });
    } catch (error) {
      thrown = error;
    }
    expect(isExpired(thrown)).toBe(true);
  });

  test.each(['not json', '[]', '{"type":"ADDED"}', '{"type":"NEW","object":{}}', '{"type":"ADDED","object":{}}'])(
    'H7: refuses the line %s',
    (line) => expect(() => decodeWatchLine(RESOURCES.pods, line)).toThrow(ShapeError),
  );
});
