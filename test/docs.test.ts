// Keeps the pages true: links lead somewhere, commands exist, manifests fit the schemas, words are in the vocabulary.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { kinds } from '@sluice/crds/kinds.ts';
import { parse, parseAllDocuments } from 'yaml';
import { type Page, parsePage, readPages, resolveLink } from './docs/pages.ts';
import { isField, parents, words } from './docs/vocabulary.ts';

const root = join(import.meta.dirname, '..');

type Manifest = { apiVersion?: string; kind?: string; spec?: unknown };

let pages: Page[];
/** Pages about Sluice that people write; others are made from the schemas, or belong to a room. */
let written: Page[];

beforeAll(async () => {
  pages = await readPages(root);
  written = pages.filter(({ path }) => !path.includes('/') || /^docs\/(?!reference\/)/.test(path));
});

/** One line for each thing that is wrong, with its page. */
const problemsOf = (all: readonly Page[], find: (page: Page) => readonly string[]) =>
  all.flatMap((page) => find(page).map((problem) => `${page.path}: ${problem}`));

function deadLinks(page: Page): string[] {
  return page.links.filter((link) => {
    const target = resolveLink(page.path, link);
    if (target === undefined) return false;
    if (!existsSync(join(root, target.path))) return true;
    if (target.anchor === '' || !target.path.endsWith('.md')) return false;
    return !pages.find(({ path }) => path === target.path)?.anchors.includes(target.anchor);
  });
}

/** Fields that the schema would drop without a word. */
function droppedFields(given: unknown, parsed: unknown, path: string): string[] {
  if (Array.isArray(given)) {
    return given.flatMap((item, index) => droppedFields(item, (parsed as unknown[])[index], `${path}[${index}]`));
  }
  if (typeof given !== 'object' || given === null) return [];
  const kept = parsed as Record<string, unknown>;
  return Object.entries(given).flatMap(([name, value]) =>
    name in kept ? droppedFields(value, kept[name], `${path}.${name}`) : [`${path}.${name} does not exist`],
  );
}

/** What is wrong with the manifests of our kinds in a text of YAML documents. */
function wrongManifests(text: string): string[] {
  return parseAllDocuments(text).flatMap((document) => {
    const manifest = document.toJS() as Manifest | null;
    if (!manifest?.apiVersion?.startsWith('sluice.dev/')) return [];
    const kind = kinds.find((each) => each.kind === manifest.kind);
    if (!kind) return [`kind ${manifest.kind} does not exist`];
    const result = kind.spec.safeParse(manifest.spec);
    if (result.success) return droppedFields(manifest.spec, result.data, 'spec');
    return result.error.issues.map((issue) => `spec.${issue.path.join('.')}: ${issue.message}`);
  });
}

/** Words in backticks that look like reasons, conditions or values, and are none. */
const unknownWords = ({ code }: Page) =>
  code
    .flatMap((text) => (/^[A-Z][A-Za-z]*[a-z]( (True|False|Unknown))?$/.test(text) ? text.split(' ') : []))
    .filter((word) => !words.has(word));

const fileEndings = /\.(ts|mjs|js|json|yaml|md|bin|sh|test)$/;

/** Dotted paths in backticks that begin like a field, and are neither a field nor a value of the chart. */
const unknownFields = ({ code }: Page, values: unknown) =>
  code
    .map((text) => text.replace(/:.*$/, ''))
    .filter((path) => /^[a-z][A-Za-z]*(\.[a-z][A-Za-z]*)+$/.test(path) && !fileEndings.test(path))
    .filter((path) => parents.has(path.split('.')[0] ?? '') && !isField(path) && !isValue(values, path));

function isValue(values: unknown, path: string): boolean {
  let at = values;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !(name in at)) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return true;
}

/** `npm run x` of scripts that are not there. */
async function unknownScripts(page: Page): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object };
  return [...page.text.matchAll(/npm run ([a-z:-]+)/g)].flatMap(([, name = '']) => (name in scripts ? [] : [name]));
}

describe('the pages', () => {
  test('are there', () => {
    expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/reference/reasons.md']));
  });

  test('have no dead link', () => {
    expect(problemsOf(pages, deadLinks)).toEqual([]);
  });

  test('can all be reached by links', () => {
    const linked = new Set(pages.flatMap(({ path, links }) => links.map((link) => resolveLink(path, link)?.path)));
    const orphans = pages.filter(({ path }) => path.startsWith('docs/') && !linked.has(path));
    expect(orphans.map(({ path }) => path)).toEqual([]);
  });

  test('name no npm script that does not exist', async () => {
    const problems = await Promise.all(pages.map(async (page) => [page.path, await unknownScripts(page)] as const));
    expect(problems.filter(([, names]) => names.length > 0)).toEqual([]);
  });

  test('apply no file that does not exist', () => {
    const missing = ({ blocks }: Page) =>
      blocks
        .flatMap(({ text }) => [...text.matchAll(/ -f ([\w./-]+\/[\w.-]+)/g)].map(([, file = '']) => file))
        .filter((file) => !existsSync(join(root, file)));
    expect(problemsOf(written, missing)).toEqual([]);
  });

  test('hold only manifests that fit the schemas', () => {
    const wrong = ({ blocks }: Page) =>
      blocks.filter(({ language }) => language === 'yaml').flatMap(({ text }) => wrongManifests(text));
    expect(problemsOf(written, wrong)).toEqual([]);
  });

  test('use no reason, condition or value that does not exist', () => {
    expect(problemsOf(written, unknownWords)).toEqual([]);
  });

  test('use no field that does not exist', async () => {
    const values: unknown = parse(await readFile(join(root, 'charts/sluice/values.yaml'), 'utf8'));
    expect(problemsOf(written, (page) => unknownFields(page, values))).toEqual([]);
  });

  test('show the columns that kubectl shows', () => {
    const headings = kinds.flatMap(({ columns }) => [
      ['NAME', ...columns.filter(({ priority }) => priority !== 1).map(({ name }) => name.toUpperCase())].join(' '),
    ]);
    const wrong = ({ blocks }: Page) =>
      blocks
        .flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('NAME ')))
        .map((line) => line.trim().split(/\s+/).join(' '))
        .filter((line) => !headings.includes(line));
    expect(problemsOf(written, wrong)).toEqual([]);
  });
});

describe('SECURITY.md', () => {
  test('names only tests that exist', async () => {
    const page = pages.find(({ path }) => path === 'SECURITY.md');
    const claims = [...(page?.text ?? '').matchAll(/\[[\w.-]+\.test\.ts\]\(([^)]+)\): "([^"]+)"/g)];
    expect(claims.length).toBeGreaterThan(5);
    for (const [, path = '', title = ''] of claims) {
      expect(await readFile(join(root, path), 'utf8')).toContain(title);
    }
  });
});

describe('the examples', () => {
  test('are all linked from a page, and fit the schemas', async () => {
    const files = (await readdir(join(root, 'examples'), { recursive: true })).filter((name) => name.endsWith('.yaml'));
    const linked = new Set(written.flatMap(({ path, links }) => links.map((link) => resolveLink(path, link)?.path)));
    expect(files.map((name) => `examples/${name}`).filter((path) => !linked.has(path))).toEqual([]);
    for (const name of files) expect(wrongManifests(await readFile(join(root, 'examples', name), 'utf8'))).toEqual([]);
  });
});

describe('the judge', () => {
  const page = (text: string) => parsePage('docs/page.md', text);

  test('sees a dead link, also to a heading', () => {
    expect(deadLinks(page('[a](gone.md) [b](#nothing) [c](../README.md) [d](https://example.com/x)'))).toEqual([
      'gone.md',
      '#nothing',
    ]);
  });

  test('sees a word and a field that nobody knows', () => {
    expect(unknownWords(page('`Serving` `Ready True` `Sturving`'))).toEqual(['Sturving']);
    expect(unknownFields(page('`deadlines.pendingSeconds` `deadlines.pending` `retry.hang: 2`'), {})).toEqual([
      'deadlines.pending',
    ]);
  });

  test('sees a manifest with a wrong value, and one with a field that would be dropped', () => {
    const head = 'apiVersion: sluice.dev/v1alpha1\nkind: ModelDeployment\nspec:\n';
    expect(wrongManifests(`${head}  model: {name: digits, track: Newest}`)).toHaveLength(1);
    expect(wrongManifests(`${head}  model: {name: digits, trak: Latest}`)).toEqual(['spec.model.trak does not exist']);
    expect(wrongManifests(`${head}  model: {name: digits, track: Latest}`)).toEqual([]);
  });

  test('sees a script that is not there', async () => {
    expect(await unknownScripts(page('npm run demo, npm run fly'))).toEqual(['fly']);
  });
});
