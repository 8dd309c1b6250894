// Pins how zod becomes a structural schema, and what is refused because it would be lost.
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { atomicList, listMap, describe as said } from '../fragments.ts';
import { structuralSchema } from './structural-schema.ts';

describe('a structural schema', () => {
  test('asks only for fields without a default, and leaves objects open for the apiserver to prune', () => {
    const schema = z.object({
      needed: z.boolean(),
      defaulted: z.boolean().default(true),
      free: z.boolean().optional(),
    });
    expect(structuralSchema(schema)).toEqual({
      type: 'object',
      required: ['needed'],
      properties: {
        needed: { type: 'boolean' },
        defaulted: { type: 'boolean', default: true },
        free: { type: 'boolean' },
      },
    });
  });

  test('makes the default {} of a prefault, so that the apiserver fills in the defaults inside', () => {
    const schema = z.object({ inner: z.object({ size: z.int().min(1).max(9).default(2) }).prefault({}) });
    expect(structuralSchema(schema).properties?.['inner']).toEqual({
      type: 'object',
      default: {},
      properties: { size: { type: 'integer', format: 'int64', minimum: 1, maximum: 9, default: 2 } },
    });
  });

  test('writes a lower bound that is excluded as OpenAPI 3.0 does', () => {
    expect(structuralSchema(z.number().gt(0).max(1))).toEqual({
      type: 'number',
      minimum: 0,
      exclusiveMinimum: true,
      maximum: 1,
    });
  });

  test('leaves the check of a time to its format, because the pattern of zod is long', () => {
    expect(structuralSchema(z.iso.datetime({ offset: true }))).toEqual({ type: 'string', format: 'date-time' });
  });

  test('writes a slash in a pattern without the escape that only JavaScript needs', () => {
    expect(structuralSchema(z.string().regex(/^a\/b$/)).pattern).toBe('^a/b$');
  });

  test('repeats a shape that is used twice, because a CRD has no references', () => {
    const shared = z.object({ name: z.string().max(5) });
    const { properties } = structuralSchema(z.object({ one: shared, other: shared }));
    expect(properties?.['one']).toEqual(properties?.['other']);
    expect(properties?.['one']?.properties?.['name']).toEqual({ type: 'string', maxLength: 5 });
  });

  test('keeps list types, keys and CEL rules of the metadata', () => {
    const rule = { rule: 'self.size() < 3', message: 'at most two', reason: 'FieldValueForbidden' as const };
    const item = z.object({ name: z.string().max(5) });
    expect(
      structuralSchema(
        z
          .array(item)
          .max(4)
          .meta(listMap('Items.', ['name'], rule)),
      ),
    ).toMatchObject({
      description: 'Items.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-validations': [rule],
    });
    expect(structuralSchema(z.array(z.int()).max(4).meta(atomicList('Numbers.')))).toMatchObject({
      'x-kubernetes-list-type': 'atomic',
    });
  });

  test.each([
    ['a union', z.union([z.string(), z.number()]), 'field: union'],
    [
      'a discriminated union',
      z.discriminatedUnion('type', [z.object({ type: z.literal('a') })]),
      'properties.field.oneOf.0.properties.type: literal',
    ],
    ['a literal', z.literal('a'), 'field: literal'],
    ['a value of any type', z.unknown(), 'field: unknown'],
    ['null', z.string().nullable(), 'field: nullable'],
    ['a refinement', z.string().refine((text) => text !== 'no'), 'properties.field: a refinement would be lost'],
    ['a transform', z.string().transform(Number), 'properties.field: pipe'],
    ['limits on keys', z.record(z.string().max(3), z.string()), 'properties.field: limits on the keys'],
  ])('refuses %s and says where it stands', (_name, field, message) => {
    expect(() => structuralSchema(z.object({ field }))).toThrow(message);
  });

  test('refuses metadata that the apiserver does not know, such as a misspelt key', () => {
    const misspelt = z.string().meta({ ...said('A word.'), 'x-kubernetes-validation': [] });
    expect(() => structuralSchema(z.object({ field: misspelt }))).toThrow('x-kubernetes-validation');
  });
});
