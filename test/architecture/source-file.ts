// Reads what matters to the house rules from a TypeScript source: what it imports, and which names it uses that reach
// outside of it. The syntax tree decides, so comments and strings never count.
import swc from '@swc/core';

export type SourceFile = {
  /** Path from the repository's root, with forward slashes. */
  readonly path: string;
  /** Module specifiers as they are written: imports, re-exports, dynamic imports, import types. */
  readonly imports: readonly string[];
  /** Names in use, in the words of `watchedNames`. */
  readonly uses: ReadonlySet<string>;
};

/** Global names that reach outside of a function's arguments; `Date` and `Math` only in the forms below. */
const globals = new Set([
  'process',
  'console',
  'fetch',
  'performance',
  'crypto',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
]);

/** Members that count as a name of their own. */
const members = new Set(['Date.now', 'Math.random', 'jest.mock', 'jest.unstable_mockModule', 'jest.doMock']);

type Node = { readonly type: string; readonly [field: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Parses a source. Throws swc's error for text that is no TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
  const imports: string[] = [];
  const uses = new Set<string>();
  const module: unknown = swc.parseSync(text, { syntax: 'typescript', target: 'es2024' });
  walk(module, (node) => {
    const specifier = importOf(node);
    if (specifier !== undefined) imports.push(specifier);
    const name = nameOf(node);
    if (name !== undefined) uses.add(name);
  });
  return { path, imports, uses };
}

/** Visits every node once; names of properties and of types are no use of a global and are not visited. */
function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  // Spread elements, call arguments and the like are plain objects without a type.
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) visit(value);
    for (const [field, child] of Object.entries(value)) {
      if (!isNameOnly(field, child)) walk(child, visit);
    }
  }
}

function isNameOnly(field: string, child: unknown): boolean {
  if (field === 'span' || field === 'specifiers') return true;
  if (!isNode(child) || child.type !== 'Identifier') return false;
  return ['property', 'key', 'typeName', 'label', 'qualifier'].includes(field);
}

const stringOf = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'StringLiteral' ? String(value['value']) : undefined;

function importOf(node: Node): string | undefined {
  if (['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(node.type)) {
    return stringOf(node['source']);
  }
  if (node.type === 'TsImportType') return stringOf(node['argument']);
  const { callee } = node;
  if (node.type !== 'CallExpression' || !isNode(callee) || callee.type !== 'Import') return undefined;
  const [first] = node['arguments'] as { expression: unknown }[];
  return stringOf(first?.expression) ?? '(computed)';
}

function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return globals.has(String(node['value'])) ? String(node['value']) : undefined;
  if (node.type === 'TsKeywordType') return node['kind'] === 'any' ? 'any' : undefined;
  if (node.type === 'ExportDefaultDeclaration' || node.type === 'ExportDefaultExpression') return 'export default';
  if (node.type === 'NewExpression' && isIdentifier(node['callee'], 'Date')) {
    const given = node['arguments'];
    return Array.isArray(given) && given.length > 0 ? undefined : 'new Date()';
  }
  if (node.type === 'CallExpression' && isIdentifier(node['callee'], 'Date')) return 'new Date()';
  return memberOf(node);
}

function memberOf({ type, object, property }: Node): string | undefined {
  if (type === 'MetaProperty') return 'import.meta';
  if (type !== 'MemberExpression' || !isNode(object) || !isNode(property)) return undefined;
  const name = `${String(object['value'])}.${String(property['value'])}`;
  return members.has(name) ? name : undefined;
}

const isIdentifier = (value: unknown, name: string) =>
  isNode(value) && value.type === 'Identifier' && value['value'] === name;
