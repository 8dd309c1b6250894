// What people see of our kinds through kubectl: the manual, the columns, the short names.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kinds } from '@sluice/crds/kinds.ts';
import { nodesBelow, structuralSchema } from '@sluice/crds/schema/structural-schema.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { installCrds, resourceOf } from './installed-crds.ts';
import { minimal } from './manifests.ts';

const run = promisify(execFile);
const publishedWithinMs = 30_000;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
  await installCrds(cluster.client);
});

afterAll(() => cluster.close());

async function kubectl(...args: string[]): Promise<string> {
  const tools = process.env['SLUICE_TEST_TOOLS'] ?? '';
  const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG'] ?? '';
  const { stdout } = await run(join(tools, 'kubectl'), [`--kubeconfig=${kubeconfig}`, ...args]);
  return stdout;
}

/** The apiserver publishes the schema of a new CRD a little after it serves its objects. */
async function explain(path: string): Promise<string> {
  const deadline = performance.now() + publishedWithinMs;
  for (;;) {
    try {
      return await kubectl('explain', path);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(200);
    }
  }
}

const words = (text: string) => text.replace(/\s+/g, ' ');

describe.each(kinds)('kubectl and a $kind', (kind) => {
  test('explain shows the description of every field of spec', async () => {
    const manual = words(await explain(`${kind.singular}.spec`));
    const fields = Object.values(structuralSchema(kind.spec).properties ?? {});
    for (const { description = '' } of fields) expect(manual).toContain(words(description));
  });

  test('explain reaches the innermost field', async () => {
    const depth = ({ path }: { path: string }) => path.split('.').length;
    const nodes = nodesBelow({ path: `${kind.singular}.spec`, name: 'spec', schema: structuralSchema(kind.spec) });
    const [deepest] = nodes.filter(({ schema }) => schema.description).sort((a, b) => depth(b) - depth(a));
    const manual = await explain((deepest?.path ?? '').replaceAll('[]', ''));
    expect(words(manual)).toContain(words(deepest?.schema.description ?? ''));
  });

  test('get shows the columns, by short name and by category', async () => {
    const base = minimal[kind.kind];
    if (base === undefined) throw new Error(`no minimal manifest of ${kind.kind}`);
    const metadata = { ...base.metadata, namespace: cluster.namespace };
    await cluster.client.create(resourceOf(kind), { ...base, metadata });
    const wide = await kubectl('-n', cluster.namespace, 'get', kind.shortNames[0] ?? '', '-o', 'wide');
    const headings = kind.columns.map(({ name }) => name.toUpperCase());
    expect(
      wide
        .split('\n')[0]
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(['NAME', ...headings]);
    expect(await kubectl('-n', cluster.namespace, 'get', 'sluice', '-o', 'name')).toContain(`/${metadata.name}\n`);
  });
});
