// Reads from method and path what a request means to a Kubernetes apiserver: verb, resource, subresource, object.

/** Verbs as RBAC and the audit log name them. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Verbs that change what is stored. */
export const WRITE_VERBS: readonly Verb[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** What a request is about; the empty string stands for "none", as the empty API group does. */
export interface ApiTarget {
  readonly verb: Verb;
  /** Empty for the core group. */
  readonly group: string;
  /** Plural name; empty for a path that is no resource, such as `/version`. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  /** The object; for a create, the name in the body. */
  readonly name: string;
}

/** A request as rules and hooks see it. */
export interface ApiRequest extends ApiTarget {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly userAgent: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As sent; empty when there is none. */
  readonly body: string;
}

/** Subresources of a namespace, which otherwise look like a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Reads method and path; the name of a created object is not in them. */
export function readTarget(method: string, path: string): ApiTarget {
  const url = new URL(path, 'http://apiserver');
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const root = { group: parts[0] === 'apis' ? (parts[1] ?? '') : '', parts: parts.slice(parts[0] === 'apis' ? 3 : 2) };
  const isApi = (parts[0] === 'api' && parts.length > 2) || (parts[0] === 'apis' && parts.length > 3);
  const place = isApi ? readPlace(root.parts) : { resource: '', subresource: '', namespace: '', name: '' };
  const isWatch = ['1', 'true'].includes(url.searchParams.get('watch') ?? '');
  return { verb: verbOf(method, place.name, isWatch), group: isApi ? root.group : '', ...place };
}

function readPlace(parts: readonly string[]): Omit<ApiTarget, 'verb' | 'group'> {
  const [first = '', second = '', third = '', ...rest] = parts.map(decodeURIComponent);
  if (first !== 'namespaces' || third === '' || NAMESPACE_SUBRESOURCES.has(third)) {
    return { resource: first, namespace: '', name: second, subresource: [third, ...rest].filter(Boolean).join('/') };
  }
  const [name = '', ...subresource] = rest;
  return { resource: third, namespace: second, name, subresource: subresource.join('/') };
}

function verbOf(method: string, name: string, isWatch: boolean): Verb {
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete';
  if (isWatch) return 'watch';
  return name === '' ? 'list' : 'get';
}

/** The name that a created object gives itself; empty when the apiserver shall make one up or the body is no JSON. */
export function nameInBody(body: string): string {
  const name = field(field(parseJson(body), 'metadata'), 'name');
  return typeof name === 'string' ? name : '';
}

/** Undefined when the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value under `key`, or undefined when `value` is not an object. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
