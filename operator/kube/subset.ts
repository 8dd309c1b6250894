// Tells whether a live object already has everything that is wanted of it, past what the apiserver fills in or rewrites.
import { isRecord } from './objects.ts';

/** Keys by which Kubernetes tells the elements of its list maps apart. */
const LIST_KEYS = ['name', 'type', 'mountPath', 'containerPort', 'port', 'uid', 'topologyKey', 'key', 'ip'];

/** Fields below which strings are quantities, which the apiserver rewrites: 1000m becomes 1. */
const QUANTITY_FIELDS = new Set(['limits', 'requests', 'capacity', 'hard', 'sizeLimit']);

/**
 * True when every field of `wanted` is in `live` with the same meaning. Fields that only `live` has do not matter;
 * a wanted zero value (null, false, 0, "", {}, []) equals absence, because Go leaves those out.
 */
export function isSubset(wanted: unknown, live: unknown): boolean {
  return holds(wanted, live, false);
}

/** True when each has everything that the other has. */
export const isSame = (one: unknown, other: unknown): boolean => isSubset(one, other) && isSubset(other, one);

function holds(wanted: unknown, live: unknown, quantity: boolean): boolean {
  if (live === undefined || live === null) return isZero(wanted);
  if (Array.isArray(wanted)) return Array.isArray(live) && listHolds(wanted, live, quantity);
  if (isRecord(wanted)) return isRecord(live) && recordHolds(wanted, live, quantity);
  if (wanted === undefined || wanted === null) return isZero(live);
  if (wanted === live) return true;
  return quantity && sameQuantity(wanted, live);
}

function recordHolds(wanted: Record<string, unknown>, live: Record<string, unknown>, quantity: boolean): boolean {
  return Object.entries(wanted).every(([field, value]) =>
    value === undefined ? true : holds(value, live[field], quantity || QUANTITY_FIELDS.has(field)),
  );
}

/** Lists of named things may hold more than is wanted (an injected sidecar); others must match one for one. */
function listHolds(wanted: readonly unknown[], live: readonly unknown[], quantity: boolean): boolean {
  const key = LIST_KEYS.find((name) => isKeyOf(name, wanted) && isKeyOf(name, live));
  if (wanted.length === 0) return live.length === 0;
  if (key === undefined) {
    return wanted.length === live.length && wanted.every((item, at) => holds(item, live[at], quantity));
  }
  const byKey = new Map(live.map((item) => [fieldOf(item, key), item]));
  return wanted.every((item) => holds(item, byKey.get(fieldOf(item, key)), quantity));
}

/** True when each element has the field and no two have the same value in it. */
function isKeyOf(name: string, list: readonly unknown[]): boolean {
  const values = list.map((item) => fieldOf(item, name));
  return list.length > 0 && !values.includes(undefined) && new Set(values).size === list.length;
}

function fieldOf(item: unknown, name: string): unknown {
  return isRecord(item) ? item[name] : undefined;
}

function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.values(value).every(isZero);
  return value === undefined || value === null || value === false || value === 0 || value === '';
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

function sameQuantity(left: unknown, right: unknown): boolean {
  const [a, b] = [quantityValue(left), quantityValue(right)];
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

function quantityValue(text: unknown): number | undefined {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(String(text));
  const scale = SUFFIXES[match?.[2] ?? ''];
  const value = Number(match?.[1]);
  return scale === undefined || Number.isNaN(value) ? undefined : value * scale;
}
