// npm run generate: writes everything that is made from the schemas. --check writes nothing and fails when a file differs.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { accessPolicyTemplate } from './access-policy.ts';
import { group } from './kind.ts';
import { kinds } from './kinds.ts';
import { apiReference } from './pages/api-reference.ts';
import { reasonsReference } from './pages/reasons-reference.ts';
import { definitionFile, definitionTemplate } from './schema/custom-resource-definition.ts';

type Output = { path: string; text: string };

const outputs: Output[] = [
  ...kinds.map((kind) => ({ path: `crds/${group}_${kind.plural}.yaml`, text: definitionFile(kind) })),
  ...kinds.map((kind) => ({
    path: `charts/sluice/templates/crds/${kind.plural}.yaml`,
    text: definitionTemplate(kind),
  })),
  { path: 'charts/sluice/templates/secret-access-policy.yaml', text: accessPolicyTemplate(kinds) },
  { path: 'docs/reference/api.md', text: apiReference() },
  { path: 'docs/reference/reasons.md', text: reasonsReference() },
];

const root = join(import.meta.dirname, '..', '..');
const { check: isCheck } = readOptions();

/** This room knows no other: it reads its one option by itself. */
function readOptions(): { readonly check: boolean } {
  const options = { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ options });
    if (!values.help) return values;
  } catch (error) {
    console.error(`${(error as Error).message.split('. ')[0]}; see npm run generate -- --help`);
    process.exit(2);
  }
  console.log(`Usage: npm run generate -- [options]
Writes everything that is made from the schemas in crds/src: CRDs, the chart's templates of them, reference pages.
  --check     write nothing, and fail when a file differs
  -h, --help  say this, and do nothing`);
  process.exit(0);
}

for (const { path, text } of outputs) {
  const file = join(root, path);
  const current = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (current === text) continue;
  if (isCheck) {
    console.error(`${path} is not what the schemas make of it: run npm run generate`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(`wrote ${path}`);
  }
}
