// The house rules of imports: which room may know which, and what pure rooms may not see. One table, one judge.
import { posix } from 'node:path';
import type { SourceFile } from './source-file.ts';

type Room = {
  /** Path prefixes of the room's files. */
  readonly paths: readonly string[];
  /** Rooms that it may import, besides itself. */
  readonly knows: readonly string[];
};

/** Every room, the narrower path first. A file belongs to the first room that has it. */
export const rooms: Readonly<Record<string, Room>> = {
  // Bundling for the images: run by tools, known to nobody in the product.
  build: { paths: ['operator/build.ts', 'trainer-image/build.ts', 'server-image/build.ts'], knows: [] },
  // What Kubernetes takes for equal: the one file of the vocabulary that the controller runtime may read.
  quantity: { paths: ['crds/src/quantity.ts', 'crds/src/quantity.test.ts'], knows: [] },
  crds: { paths: ['crds/'], knows: ['quantity'] },
  statistics: { paths: ['statistics/'], knows: [] },
  model: { paths: ['model/'], knows: ['crds', 'statistics'] },
  trainer: { paths: ['trainer-image/'], knows: ['crds', 'statistics', 'model'] },
  server: { paths: ['server-image/'], knows: ['crds', 'statistics', 'model'] },
  // Kinds do not know each other; what they share is the rest of core.
  'core/trainingjob': { paths: ['operator/core/trainingjob/'], knows: ['crds', 'quantity', 'statistics', 'core'] },
  'core/modelversion': { paths: ['operator/core/modelversion/'], knows: ['crds', 'quantity', 'statistics', 'core'] },
  // The one place that says who gives out the requests of a ModelDeployment. Everything else there knows the traffic port.
  'core/modeldeployment/gateway': {
    paths: ['operator/core/modeldeployment/traffic/gateway.ts'],
    knows: ['core', 'core/gateway', 'core/modeldeployment'],
  },
  'core/modeldeployment': {
    paths: ['operator/core/modeldeployment/'],
    knows: ['crds', 'quantity', 'statistics', 'core', 'core/modeldeployment/gateway'],
  },
  'core/modelgateway': { paths: ['operator/core/modelgateway/'], knows: ['crds', 'core', 'core/gateway'] },
  'core/gateway': { paths: ['operator/core/gateway/'], knows: ['crds', 'core'] },
  core: { paths: ['operator/core/'], knows: ['crds', 'quantity', 'statistics'] },
  kube: { paths: ['operator/kube/'], knows: ['quantity'] },
  shell: {
    paths: ['operator/shell/'],
    knows: [
      ...['crds', 'statistics', 'kube', 'core', 'core/trainingjob', 'core/modelversion', 'core/modeldeployment'],
      ...['core/modelgateway', 'core/gateway'],
    ],
  },
  main: { paths: ['operator/main.ts', 'operator/package.json'], knows: ['crds', 'kube', 'core', 'shell'] },
};

/** Files of pure rooms that do input and output by design; everything else there is a function of its arguments. */
export const impureFiles: Readonly<Record<string, readonly string[]>> = {
  'crds/src/generate.ts': ['node:fs/promises', 'node:path', 'node:util', 'process', 'console', 'import.meta'],
  'model/src/bundle-files.ts': ['node:crypto', 'node:fs/promises', 'node:path'],
  'model/src/make-directory.ts': ['node:fs/promises', 'node:path'],
  'model/src/bundle-reading.ts': ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path'],
  // A hash function: no effect, and the same answer every time.
  'model/src/digest.ts': ['node:crypto'],
};

const pureRooms = ['quantity', 'crds', 'statistics', 'model', 'core'];
const bannedNames = /^(utils?|helpers?|common|manager|handlers?|misc|index)(\.|$)/;
/** Everywhere, tests included. `import.meta` and the globals are for pure rooms only. */
const bannedEverywhere = ['any', 'jest.mock', 'jest.unstable_mockModule', 'jest.doMock'];
/** Tools that demand a default export. */
const defaultExportAllowed = /(^|\/)[a-z-]+\.config\.ts$|^test\/(integration|e2e)\/(setup|teardown)\.ts$/;

const isTest = (path: string) => path.endsWith('.test.ts') || path.includes('/testing/');

export function roomOf(path: string): string | undefined {
  return Object.entries(rooms).find(([, room]) => room.paths.some((prefix) => path.startsWith(prefix)))?.[0];
}

/** The file that a specifier names, from the root; undefined for a package that is not ours. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const [, workspace, rest] = /^@sluice\/([a-z-]+)\/(.+)$/.exec(specifier) ?? [];
  if (workspace === undefined || rest === undefined) return undefined;
  return workspace === 'operator' ? `operator/${rest}` : `${workspace}/src/${rest}`;
}

/** Name of the package that a specifier is of: `@sluice/crds/kind.ts` is of `@sluice/crds`. */
const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Packages that a file of the product imports although its workspace does not declare them, as sentences. */
export function undeclaredPackages(file: SourceFile, declared: ReadonlySet<string>): string[] {
  const room = roomOf(file.path);
  if (room === undefined || room === 'build' || isTest(file.path)) return [];
  const packages = file.imports.filter((specifier) => !/^(\.|node:)/.test(specifier)).map(packageOf);
  return packages.filter((name) => !declared.has(name)).map((name) => `${file.path} imports undeclared ${name}`);
}

/** Every broken rule of a file, as sentences. */
export function violations(file: SourceFile): string[] {
  return [...nameViolations(file), ...importViolations(file), ...purityViolations(file)].map(
    (problem) => `${file.path} ${problem}`,
  );
}

function nameViolations({ path, uses }: SourceFile): string[] {
  const problems = bannedEverywhere.filter((name) => uses.has(name)).map((name) => `uses ${name}`);
  if (path.split('/').some((part) => bannedNames.test(part))) problems.push('has a name that says nothing');
  if (!/^[a-z0-9.-]+$/.test(posix.basename(path))) problems.push('is not named in kebab-case');
  if (uses.has('export default') && !defaultExportAllowed.test(path)) problems.push('has a default export');
  return problems;
}

function importViolations({ path, imports }: SourceFile): string[] {
  const room = roomOf(path);
  if (room === undefined || isTest(path)) return [];
  return imports.flatMap((specifier): string[] => {
    const target = resolveImport(path, specifier);
    if (target === undefined) return [];
    const leaves = specifier.startsWith('.') && target.split('/')[0] !== path.split('/')[0];
    if (leaves) return [`imports ${specifier} across workspaces: name it @sluice/…`];
    const other = roomOf(target);
    if (other === room || (other !== undefined && rooms[room]?.knows.includes(other))) return [];
    return [`(${room}) imports ${target} (${other ?? 'no room of the product'})`];
  });
}

function purityViolations({ path, imports, uses }: SourceFile): string[] {
  const room = roomOf(path)?.split('/')[0] ?? '';
  if (!pureRooms.includes(room) || isTest(path)) return [];
  const allowed = impureFiles[path] ?? [];
  const builtins = imports.filter((specifier) => specifier.startsWith('node:'));
  const reached = [...uses].filter((name) => !bannedEverywhere.includes(name) && name !== 'export default');
  return [...builtins, ...reached].filter((name) => !allowed.includes(name)).map((name) => `is pure but sees ${name}`);
}
