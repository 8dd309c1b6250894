// The table of reasons holds what people read, and the documentation and the operator keep to it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { failureClasses } from './contract.ts';
import { failureReasons, type ReasonText, reasons } from './reasons.ts';

const root = join(import.meta.dirname, '..', '..');
const rows = Object.entries(reasons).flatMap(([kind, table]) =>
  Object.entries<ReasonText>(table).map(([reason, text]) => ({ kind, reason, text })),
);
const known = new Set(rows.map(({ reason }) => reason));

describe('the table of reasons', () => {
  test.each(rows)('$kind $reason is one CamelCase word with a sentence of meaning and one of remedy', (row) => {
    expect(row.reason).toMatch(/^[A-Z][A-Za-z]{2,63}$/);
    expect(row.text.meaning).toMatch(/^[A-Za-z].*\.$/);
    expect(row.text.remedy).toMatch(/^[A-Z].*\.$/);
    expect(row.text.on).not.toHaveLength(0);
  });

  test.each(rows.filter(({ text }) => (text.on as readonly string[]).includes('Stalled')))(
    '$kind $reason, which is a failure, has a remedy',
    ({ text }) => expect(text.remedy).not.toBe('Nothing to do.'),
  );

  test('has a reason of Failed and Stalled for every class of failure', () => {
    for (const failureClass of failureClasses) {
      expect(reasons.TrainingJob[failureReasons[failureClass]].on).toEqual(
        expect.arrayContaining(['Failed', 'Stalled']),
      );
    }
  });
});

describe('docs/reference/reasons.md', () => {
  test('lists the reasons of the table, kind by kind, and no others', async () => {
    const page = await readFile(join(root, 'docs/reference/reasons.md'), 'utf8');
    const documented = page
      .split('\n## ')
      .slice(1)
      .flatMap((section) => {
        const kind = section.split('\n')[0] ?? '';
        return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason]) => `${kind}/${reason}`);
      });
    expect(documented).toEqual(rows.map(({ kind, reason }) => `${kind}/${reason}`));
  });
});

describe('the operator', () => {
  test('writes no reason that is not in the table', async () => {
    expect(await writtenReasons(join(root, 'operator'))).toEqual([]);
  });
});

/** `<file>: <reason>` of every unknown `reason: '…'` below a directory; a reason that is only compared is not written. */
async function writtenReasons(directory: string): Promise<string[]> {
  const files = (await readdir(directory, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/node_modules|dist|testing/.test(file),
  );
  const found = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(directory, file), 'utf8');
      return [...source.matchAll(/\breason: '([A-Z]\w+)'/g)].map(([, reason = '']) => ({ file, reason }));
    }),
  );
  return found
    .flat()
    .filter(({ reason }) => !known.has(reason))
    .map(({ file, reason }) => `${file}: ${reason}`);
}
