// Tells whether a live object already has everything that is wanted of it, past what the apiserver fills in or rewrites.
import { isSameQuantity } from '@sluice/crds/quantity.ts';
import { isRecord } from '../objects.ts';

/** Keys by which Kubernetes tells the elements of its list maps apart. */
const LIST_KEYS = ['name', 'type', 'mountPath', 'containerPort', 'port', 'uid', 'topologyKey', 'key', 'ip'];

/** Fields below which strings are quantities, which the apiserver rewrites: 1000m becomes 1, and 0.3333 334m. */
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
  return quantity && isSameQuantity(String(wanted), String(live));
}

function recordHolds(wanted: Record<string, unknown>, live: Record<string, unknown>, quantity: boolean): boolean {
  return Object.entries(wanted).every(([field, value]) =>
    value === undefined ? true : holds(value, live[field], quantity || QUANTITY_FIELDS.has(field)),
  );
}

/** Lists of named things may hold more than is wanted (an injected sidecar); others must match one for one. */
function listHolds(wanted: readonly unknown[], live: readonly unknown[], quantity: boolean): boolean {
  if (wanted.length === 0) return live.length === 0;
  const items = itemsByKey(wanted, live);
  if (items === undefined) {
    return wanted.length === live.length && wanted.every((item, at) => holds(item, live[at], quantity));
  }
  const [wantedItems, liveItems] = items;
  return [...wantedItems].every(([key, item]) => holds(item, liveItems.get(key), quantity));
}

type Items = ReadonlyMap<unknown, unknown>;

/** The elements of both lists by what tells them apart; undefined when nothing does. */
export function itemsByKey(wanted: readonly unknown[], live: readonly unknown[]): readonly [Items, Items] | undefined {
  const key = LIST_KEYS.find((name) => isKeyOf(name, wanted) && isKeyOf(name, live));
  if (key === undefined) return undefined;
  const byKey = (list: readonly unknown[]) => new Map(list.map((item) => [fieldOf(item, key), item]));
  return [byKey(wanted), byKey(live)];
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
