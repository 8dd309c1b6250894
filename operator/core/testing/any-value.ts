// Any value that a schema of ours allows, for properties over whatever an apiserver may have stored. Edges come often, and so
// do a few names and times, so that what refers to something else finds it.
import { type CelRule, exactlyOne } from '@sluice/crds/fragments.ts';
import { type StructuralSchema, structuralSchema } from '@sluice/crds/schema/structural-schema.ts';
import fc from 'fast-check';
import type { z } from 'zod';

/** The texts that fields with these last names take most often. */
export type Pools = Readonly<Record<string, readonly string[]>>;

/** Moments that all are times by their form: long ago, about now (the samples' start), to come, and the ends of what can be said. */
const times = [
  '0001-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '2026-01-05T09:59:55Z',
  '2026-01-05T10:00:00Z',
  '2026-01-05T10:00:00.123Z',
  '2026-01-05T12:00:30+02:00',
  '2027-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-23:59',
];

/** @param pools by the name of a field; texts that do not fit the field are left out. */
export function anyValueOf(schema: z.ZodType, pools: Pools = {}): fc.Arbitrary<unknown> {
  return valueFor(structuralSchema(schema), '', pools);
}

function valueFor(schema: StructuralSchema, name: string, pools: Pools): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return objectOf(schema, pools);
    case 'array':
      return listOf(schema, name, pools);
    case 'string':
      return textOf(schema, pools[name] ?? []);
    case 'boolean':
      return fc.boolean();
    default:
      return numberOf(schema);
  }
}

function objectOf(
  { properties = {}, required = [], additionalProperties, ...rest }: StructuralSchema,
  pools: Pools,
): fc.Arbitrary<unknown> {
  const rules = rest['x-kubernetes-validations'] ?? [];
  if (additionalProperties) {
    return fc.dictionary(fc.constantFrom('a', 'constructor', '__proto__'), valueFor(additionalProperties, '', pools), {
      maxKeys: 3,
    });
  }
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valueFor(schema, name, pools)] as const),
  );
  const requiredKeys = required.filter((name) => name in model);
  const [choices] = choicesOf(rules);
  if (choices === undefined) return fc.record(model, { requiredKeys });
  return fc.constantFrom(...choices).chain((chosen) => {
    const kept = Object.entries(model).filter(([name]) => name === chosen || !choices.includes(name));
    return fc.record(Object.fromEntries(kept), { requiredKeys: [...requiredKeys, chosen] });
  });
}

/** Fields of which exactly one is set, by the rules that say so. */
const choicesOf = (rules: readonly Pick<CelRule, 'rule'>[]): string[][] =>
  rules.flatMap(({ rule }) => {
    const fields = [...rule.matchAll(/has\(self\.(\w+)\)/g)].flatMap(([, field]) => field ?? []);
    return rule === exactlyOne(fields).rule ? [fields] : [];
  });

/** Lists are short or as long as they may be; keys of a list map are unique. */
function listOf({ items, minItems = 0, maxItems = 8, ...rest }: StructuralSchema, name: string, pools: Pools) {
  const item = items ? valueFor(items, name, pools) : fc.constant(null);
  const maxLength = Math.min(maxItems, 16);
  const keys = rest['x-kubernetes-list-map-keys'];
  const bounds = { minLength: minItems, maxLength };
  if (keys === undefined) return fc.array(item, bounds);
  const keyOf = (value: unknown) => JSON.stringify(keys.map((key) => (value as Record<string, unknown>)[key]));
  return fc.uniqueArray(item, { ...bounds, selector: keyOf });
}

function textOf(
  { enum: words, format, pattern, minLength = 0, maxLength = 64 }: StructuralSchema,
  pool: readonly string[],
) {
  if (words) return fc.constantFrom(...words);
  if (format === 'date-time') return fc.constantFrom(...times);
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && (pattern === undefined || new RegExp(pattern).test(text));
  const known = pool.filter(fits);
  const free =
    pattern === undefined
      ? fc.string({ minLength, maxLength, unit: 'binary' })
      : fc.stringMatching(new RegExp(pattern)).filter(fits);
  return known.length === 0
    ? free
    : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: free });
}

/** Whole numbers, or any: the ends, small ones, and everything between. */
function numberOf({ type, minimum = -1e308, maximum = 1e308, ...rest }: StructuralSchema): fc.Arbitrary<number> {
  const isWhole = type === 'integer';
  const fits = (value: number) =>
    value >= minimum &&
    value <= maximum &&
    !(rest.exclusiveMinimum && value === minimum) &&
    !(rest.exclusiveMaximum && value === maximum);
  const fractions = isWhole ? [] : [minimum + 1e-12, maximum - 1e-12, 0.05, 0.5];
  const edges = [minimum, maximum, minimum + 1, maximum - 1, 0, 1, 5, 50, 100, 1000, ...fractions].filter(fits);
  const between = isWhole
    ? fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31 - 1) })
    : fc.double({ min: minimum, max: maximum, noNaN: true });
  return fc.oneof(fc.constantFrom(...edges), between.filter(fits));
}
