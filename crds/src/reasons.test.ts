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
  const rooms: Readonly<Record<string, readonly string[]>> = {
    TrainingJob: ['operator/core/trainingjob'],
    ModelVersion: ['operator/core/modelversion'],
    ModelDeployment: ['operator/core/modeldeployment', 'operator/core/gateway'],
    ModelGateway: ['operator/core/modelgateway'],
  };

  /** That it says nothing else is for the compiler to see: `Statement` and `PlannedEvent` take a `Reason` only. */
  test.each(Object.entries(reasons))('says every reason that is documented for a %s', async (kind, table) => {
    const sources = await Promise.all(
      [...(rooms[kind] ?? []), 'operator/core/pods', 'operator/shell', 'crds/src/contract.ts'].map(sourceText),
    );
    const said = new Set([...sources.join('').matchAll(/'(\w+)'/g)].map(([, word]) => word));
    if (kind === 'TrainingJob') for (const reason of Object.values(failureReasons)) said.add(reason);
    expect(Object.keys(table).filter((reason) => !said.has(reason))).toEqual([]);
  });
});

/** The text of a file, or of all sources below a directory; tests are no sources. */
async function sourceText(path = ''): Promise<string> {
  const file = join(root, path);
  if (path.endsWith('.ts')) return readFile(file, 'utf8');
  const names = await readdir(file, { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return (await Promise.all(sources.map((name) => readFile(join(file, name), 'utf8')))).join('\n');
}
