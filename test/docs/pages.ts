// Reads the Markdown pages of the repository and takes them apart: links, headings, fenced blocks, code words.
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';

export type Block = { readonly language: string; readonly text: string };

export type Page = {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  /** Link targets as they are written. */
  readonly links: readonly string[];
  /** Anchors of its headings, as code hosts make them. */
  readonly anchors: readonly string[];
  readonly blocks: readonly Block[];
  /** What stands between single backticks outside of blocks. */
  readonly code: readonly string[];
  readonly text: string;
};

const skipped = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Every Markdown page below `root`. */
export async function readPages(root: string): Promise<Page[]> {
  const paths = await pathsBelow(root, '');
  return Promise.all(paths.map(async (path) => parsePage(path, await readFile(join(root, path), 'utf8'))));
}

async function pathsBelow(root: string, directory: string): Promise<string[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : pathsBelow(root, path);
    return entry.name.endsWith('.md') ? [path.split(sep).join('/')] : [];
  });
  return (await Promise.all(paths)).flat();
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;

export function parsePage(path: string, text: string): Page {
  const blocks = [...text.matchAll(fence)].map(([, language = '', body = '']) => ({ language, text: body }));
  const prose = text.replace(fence, '');
  const plain = prose.replace(/`[^`\n]+`/g, '');
  return {
    path,
    blocks,
    text,
    links: [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
    anchors: [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)),
    code: [...prose.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word),
  };
}

const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Where a relative link of a page leads, and the anchor there; undefined for links to other places. */
export function resolveLink(page: string, link: string): { path: string; anchor: string } | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [target = '', anchor = ''] = link.split('#');
  return { path: target === '' ? page : posix.join(posix.dirname(page), target), anchor };
}
