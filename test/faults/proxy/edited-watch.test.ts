// Watches pass as they come until something is wrong with an event of theirs, wherever chunks begin and end.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { editedWatch } from './edited-watch.ts';
import { type EventRule, RuleBook } from './rules.ts';

const stream = { group: '', resource: 'configmaps' };
const line = (name: string, type = 'MODIFIED') => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;
const lines = [line('a'), line('ä'), line('b'), line('', 'BOOKMARK'), line('c')];

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const to of [...new Set(cuts)].sort((a, b) => a - b)) {
    yield bytes.subarray(from, to);
    from = to;
  }
  yield bytes.subarray(from);
}

async function through(rules: readonly EventRule[], cuts: readonly number[]): Promise<string> {
  const book = new RuleBook();
  for (const rule of rules) book.add(rule);
  const edits = {
    isEdited: () => book.editsStream(stream),
    passable: async () => {},
    editFor: book.editFor.bind(book, stream),
  };
  const told: Buffer[] = [];
  for await (const chunk of editedWatch(chunksOf(Buffer.from(lines.join('')), cuts), edits)) told.push(chunk);
  return Buffer.concat(told).toString('utf8');
}

const cases: [string, EventRule[], string[]][] = [
  ['nothing is wrong', [], lines],
  ['the rule is about another kind', [{ events: { resource: 'pods' }, edit: 'drop' }], lines],
  ['an event is dropped', [{ events: { resource: 'configmaps', name: 'ä' }, edit: 'drop' }], lines.toSpliced(1, 1)],
  [
    'the second event is told twice',
    [{ events: { resource: 'configmaps' }, nth: 2, edit: 'duplicate' }],
    lines.toSpliced(1, 0, line('ä')),
  ],
  [
    'an event is told after the next one',
    [{ events: { resource: 'configmaps', name: 'a' }, edit: 'postpone' }],
    [line('ä'), line('a'), ...lines.slice(2)],
  ],
  [
    'an event waits for the next event, not for the next bookmark',
    [{ events: { resource: 'configmaps', name: 'b' }, edit: 'postpone' }],
    [line('a'), line('ä'), line('', 'BOOKMARK'), line('c'), line('b')],
  ],
  ['the last event has none to wait for', [{ events: { resource: 'configmaps', name: 'c' }, edit: 'postpone' }], lines],
];

describe('the lines of a watch', () => {
  test.each(cases)('%s', async (_, rules, expected) => {
    const size = Buffer.byteLength(lines.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: size }), { maxLength: 6 }), async (cuts) => {
        expect(await through(rules, cuts)).toBe(expected.join(''));
      }),
      { numRuns: 50 },
    );
  });
});

test('a rule that is added in the middle of a line holds from the next line on', async () => {
  const book = new RuleBook();
  const bytes = Buffer.from(lines.join(''));
  async function* chunks(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, 10);
    book.add({ events: { resource: 'configmaps' }, edit: 'drop' });
    yield bytes.subarray(10, 20);
    yield bytes.subarray(20);
  }
  const edits = {
    isEdited: () => book.editsStream(stream),
    passable: async () => {},
    editFor: book.editFor.bind(book, stream),
  };
  const told: Buffer[] = [];
  for await (const chunk of editedWatch(chunks(), edits)) told.push(chunk);
  expect(Buffer.concat(told).toString('utf8')).toBe(line('a'));
});
