// The walls of the house: who may import whom, what pure rooms may not see, and names that are not used.
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { impureFiles, roomOf, rooms, undeclaredPackages, violations } from './architecture/rules.ts';
import { parseSource, type SourceFile } from './architecture/source-file.ts';

const root = join(import.meta.dirname, '..');
const skipped = new Set(['node_modules', 'dist', '.git', 'coverage']);

async function sourcePaths(directory = ''): Promise<string[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sourcePaths(path);
    return entry.name.endsWith('.ts') ? [path.split(sep).join('/')] : [];
  });
  return (await Promise.all(paths)).flat();
}

async function declaredBy(workspace: string): Promise<ReadonlySet<string>> {
  const manifest = JSON.parse(await readFile(join(root, workspace, 'package.json'), 'utf8')) as {
    dependencies?: object;
  };
  return new Set(Object.keys(manifest.dependencies ?? {}));
}

let files: SourceFile[];

beforeAll(async () => {
  const paths = await sourcePaths();
  files = await Promise.all(paths.map(async (path) => parseSource(path, await readFile(join(root, path), 'utf8'))));
}, 60_000);

describe('the house', () => {
  test('keeps its rules of imports, purity and names', () => {
    expect(files.flatMap(violations)).toEqual([]);
  });

  test('imports only packages that the workspace declares', async () => {
    const problems = files.map(async (file) =>
      roomOf(file.path) === undefined ? [] : undeclaredPackages(file, await declaredBy(file.path.split('/')[0] ?? '')),
    );
    expect((await Promise.all(problems)).flat()).toEqual([]);
  });

  test('has files in every room', () => {
    const inhabited = new Set(files.map(({ path }) => roomOf(path)));
    expect(Object.keys(rooms).filter((room) => !inhabited.has(room))).toEqual([]);
  });

  test('lists no exception that is not needed any more', () => {
    const unused = Object.entries(impureFiles).flatMap(([path, names]) => {
      const file = files.find((each) => each.path === path);
      return names
        .filter((name) => !file?.imports.includes(name) && !file?.uses.has(name))
        .map((name) => `${path}: ${name}`);
    });
    expect(unused).toEqual([]);
  });
});

describe('the judge', () => {
  const core = 'operator/core/trainingjob/plan.ts';

  test.each([
    ['core reads the shell', core, "import { round } from '../../shell/round.ts';"],
    ['core reads the controller runtime', core, "import type { Store } from '../../kube/store.ts';"],
    ['a kind reads another kind', core, "export { x } from '../modeldeployment/plan.ts';"],
    [
      'a kind reads the gateway past the traffic port',
      'operator/core/modeldeployment/plan.ts',
      "import '../gateway/routes.ts';",
    ],
    ['the traffic port reads who implements it', 'operator/core/traffic/port.ts', "import '../gateway/routes.ts';"],
    ['the gateway reads a kind', 'operator/core/gateway/plan.ts', "import '../modeldeployment/plan.ts';"],
    ['the controller runtime reads the project', 'operator/kube/client.ts', "import '@sluice/crds/kind.ts';"],
    ['the server reads the operator', 'server-image/src/main.ts', "import '@sluice/operator/core/names.ts';"],
    [
      'the trainer reads the server',
      'trainer-image/src/train.ts',
      "type A = import('@sluice/server-image/main.ts').A;",
    ],
    ['a dynamic import counts', 'model/src/split.ts', "await import('@sluice/operator/core/names.ts');"],
    ['the product reads a test', 'operator/shell/round.ts', "import '../../test/cluster/install.ts';"],
    ['a relative path leaves its workspace', 'model/src/split.ts', "import '../../crds/src/kind.ts';"],
    ['core reads a Node module', core, "import { join } from 'node:path';"],
    ['core reads the clock', core, 'const now = Date.now();'],
    ['core makes a date of nothing', core, 'const now = new Date();'],
    ['core throws dice', 'statistics/src/wilson.ts', 'const x = Math.random();'],
    ['core reads the environment', core, 'const { HOME } = process.env;'],
    ['core sets a timer', core, 'setTimeout(() => {}, 1);'],
    ['core passes a global on', core, 'export const wait = { setTimeout };'],
    ['core logs', core, "console.log('x');"],
    ['core asks the network', core, "await fetch('http://x');"],
    ['an unlisted use of an exempt file', 'model/src/digest.ts', 'const now = Date.now();'],
    ['any is any', 'operator/shell/log.ts', 'const x: any = 1;'],
    ['any hides in a list', 'test/run.ts', 'const x: Record<string, any[]> = {};'],
    ['a module mock', 'operator/shell/log.test.ts', "jest.mock('./x.ts');"],
    ['a default export', 'operator/shell/log.ts', 'export default 1;'],
    ['a name that says nothing', 'operator/shell/utils.ts', 'export {};'],
    ['a folder that says nothing', 'model/src/common/x.ts', 'export {};'],
    ['a barrel', 'model/src/index.ts', 'export {};'],
  ])('catches: %s', (_, path, text) => {
    expect(violations(parseSource(path, text))).toHaveLength(1);
  });

  test('catches: a package that the workspace does not declare', () => {
    const file = parseSource(core, "import 'node:fs';\nimport { z } from 'zod';\nimport '@sluice/crds/kind.ts';");
    expect(undeclaredPackages(file, new Set(['@sluice/crds']))).toEqual([`${core} imports undeclared zod`]);
  });

  test.each([
    ['a date of an argument', core, 'export const at = (now: number) => new Date(now).toISOString();'],
    ['a property called like a global', core, 'export const x = (a: { process: number }) => a.process;'],
    ['a type of the runtime', core, 'export const x = { console: 1 };'],
    ['words in comments and strings', core, "// any Date.now()\nexport const x = 'process.env';"],
    ['a kind that reads the shared rooms', 'operator/core/modeldeployment/plan.ts', "import '../traffic/port.ts';"],
    [
      'the one place that says who implements the traffic port',
      'operator/core/modeldeployment/traffic/gateway.ts',
      "import '../../gateway/traffic/traffic.ts';",
    ],
    [
      'the shell reads all below it',
      'operator/shell/round.ts',
      "import '../kube/apply.ts';\nimport '../core/plan.ts';",
    ],
    [
      'tests may see everything',
      'operator/core/trainingjob/plan.test.ts',
      "import 'node:fs';\nsetTimeout(() => {}, 1);",
    ],
  ])('lets pass: %s', (_, path, text) => {
    expect(violations(parseSource(path, text))).toEqual([]);
  });
});
