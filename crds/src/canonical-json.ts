// One text per JSON value (RFC 8785), so that equal values have equal texts, however they were put together.

/**
 * Canonical JSON: members sorted by UTF-16 code unit, no space, numbers in their shortest form that reads back equal.
 * Members that are undefined are left out. Throws on what JSON cannot hold: NaN, infinities, functions, class instances.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

/** Whether both values have the same canonical JSON, however they were put together. Throws as `canonicalJson` does. */
export const isSameJson = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other);

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, `${path}[${index}]`)).join(',')}]`;
  if (isPlainObject(value)) return writeObject(value, path);
  throw new TypeError(`${path} is ${describe(value)}, which canonical JSON cannot hold`);
}

function writeObject(value: Record<string, unknown>, path: string): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`)}`);
  return `{${members.join(',')}}`;
}

/** An object literal, also one from another realm: what it inherits from inherits nothing. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value) : String(value);
}
