// Bodies: what the model takes, what it nearly takes, and what nobody takes.
import { gzipSync } from 'node:zlib';
import type { Choice } from './choice.ts';
import { goodBody } from './place/model.ts';

const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));

const odd: readonly string[] = [
  ...[
    '',
    '{',
    '[]',
    'null',
    '{"inputs":null}',
    '{"inputs":[{}]}',
    '{"inputs":[NaN]}',
    '\u00ff\u00fe',
    '{"__proto__":{"inputs":[]}}',
  ],
  ...[
    '['.repeat(50_000),
    '{"a":'.repeat(20_000),
    `{"inputs":[${'0,'.repeat(40_000)}0]}`,
    `"${'\\u0000'.repeat(1000)}"`,
  ],
  ...[
    goodBody.replace('[1]', '[-1]'),
    goodBody.replace('[1]', '[1e9]'),
    goodBody.replace('[1]', '[2]'),
    goodBody.replace('41', '1e999'),
  ],
  ...[
    goodBody.replace('FP64', 'BYTES'),
    goodBody.replace('"Graz"', `"${'x'.repeat(60_000)}"`),
    goodBody.replace('age', '\u0000'),
  ],
];

/** Some bytes of it are others. */
function mutated(choose: Choice, text: string): Buffer {
  const bytes = Buffer.from(text);
  for (let left = 1 + choose.below(4); left > 0; left -= 1) bytes[choose.below(bytes.length)] = choose.below(256);
  return bytes;
}

/** The bytes after a request's headers. */
export function body(choose: Choice): Buffer {
  const kind = choose.index([40, 20, 15, 8, 4, 2, 2, 1]);
  if (kind === 0) return Buffer.from(goodBody);
  if (kind === 1) return Buffer.from(choose.of(odd), 'latin1');
  if (kind === 2) return mutated(choose, goodBody);
  if (kind === 3) return choose.bytes(choose.below(5000));
  if (kind === 4) return gzipSync(goodBody).subarray(0, choose.below(200));
  if (kind === 5) return bomb;
  // Beyond what the gateway holds whole, and beyond what a server takes.
  if (kind === 6) return Buffer.alloc(60_000 + choose.below(2_000_000), ' ');
  return Buffer.alloc(8_000_000 + choose.below(4_000_000), '1');
}
