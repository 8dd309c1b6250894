// House rules that every schema keeps: bounded, described, local, and small enough for client-side kubectl apply.
import { describe, expect, test } from '@jest/globals';
import { kinds } from '../kinds.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { nodesBelow, type SchemaNode, type StructuralSchema, structuralSchema } from './structural-schema.ts';

type HouseRule = { says: string; broken: (node: SchemaNode) => boolean; example: SchemaNode };

const allFields = kinds.flatMap(({ kind, spec, status }) => [
  ...nodesBelow({ path: `${kind}.spec`, name: 'spec', schema: structuralSchema(spec) }),
  ...nodesBelow({ path: `${kind}.status`, name: 'status', schema: structuralSchema(status) }),
]);

const podParts = [
  'containers',
  'initContainers',
  'podTemplate',
  'securityContext',
  'volumes',
  'hostNetwork',
  'hostPath',
];
const notRe2 = /\(\?[=!<]|\\[1-9]|\\[sSbB]/;
const field = (name: string, schema: StructuralSchema): SchemaNode => ({ path: name, name, schema });
const text: StructuralSchema = { type: 'string', maxLength: 5 };
const rule = (message: string): StructuralSchema => ({
  type: 'object',
  'x-kubernetes-validations': [{ rule: 'true', message }],
});

const houseRules: HouseRule[] = [
  {
    // A Gateway of the Gateway API says itself from which namespaces it takes routes (docs/adr/0016-way-in.md).
    says: 'no reference leaves its namespace, unless the other side has to agree',
    broken: ({ name, path }) => /namespace/i.test(name) && !path.endsWith('.expose.httpRoute.gatewayNamespace'),
    example: field('namespace', text),
  },
  {
    says: 'nothing of a pod is written by users except what a typed field allows',
    broken: ({ name }) => podParts.includes(name),
    example: field('securityContext', { type: 'object' }),
  },
  {
    says: 'every field is described',
    broken: ({ name, schema }) => !['[]', '{}'].includes(name) && !schema.description,
    example: field('size', text),
  },
  {
    says: 'a description ends as a sentence',
    broken: ({ schema }) => schema.description !== undefined && !/[.…]$/.test(schema.description),
    example: field('size', { ...text, description: 'The size' }),
  },
  {
    says: 'every string is bounded by a length, an enum or a format',
    broken: ({ schema: { type, maxLength, enum: values, format } }) =>
      type === 'string' && maxLength === undefined && values === undefined && format === undefined,
    example: field('text', { type: 'string', pattern: '^a*$' }),
  },
  {
    says: 'every list is bounded and has a list type',
    broken: ({ schema }) =>
      schema.type === 'array' && (schema.maxItems === undefined || schema['x-kubernetes-list-type'] === undefined),
    example: field('list', { type: 'array', items: text, maxItems: 3 }),
  },
  {
    says: 'the keys of a list map are required fields of its items',
    broken: ({ schema }) =>
      schema['x-kubernetes-list-map-keys']?.some((key) => !schema.items?.required?.includes(key)) ?? false,
    example: field('list', { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-map-keys': ['name'] }),
  },
  {
    says: 'every map is bounded',
    broken: ({ schema }) => schema.additionalProperties !== undefined && schema.maxProperties === undefined,
    example: field('map', { type: 'object', additionalProperties: text }),
  },
  {
    says: 'every integer has two bounds',
    broken: ({ schema: { type, minimum, maximum } }) =>
      type === 'integer' && (minimum === undefined || maximum === undefined),
    example: field('count', { type: 'integer', minimum: 0 }),
  },
  {
    says: 'every pattern is one that RE2 reads as JavaScript does',
    broken: ({ schema }) => notRe2.test(schema.pattern ?? ''),
    example: field('text', { ...text, pattern: '^(?!no)' }),
  },
  {
    says: 'every pattern is anchored at both ends',
    broken: ({ schema: { pattern } }) => pattern !== undefined && !/^\^.*\$$/.test(pattern),
    example: field('text', { ...text, pattern: '^a' }),
  },
  {
    says: 'the message of a rule fits into a condition',
    broken: ({ schema }) => schema['x-kubernetes-validations']?.some(({ message }) => message.length > 200) ?? false,
    example: field('object', rule('x'.repeat(201))),
  },
];

describe('every schema', () => {
  test.each(houseRules)('$says', ({ broken, example }) => {
    expect(broken(example)).toBe(true);
    expect(allFields.filter(broken).map(({ path }) => path)).toEqual([]);
  });

  test('is looked at down to the innermost field', () => {
    expect(allFields.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'TrainingJob.spec.data.features[].shape[]',
        'ModelDeployment.spec.server.scheduling.nodeSelector{}',
        'ModelVersion.status.conditions[].message',
      ]),
    );
  });
});

describe('every CRD', () => {
  test.each(kinds)('$kind fits into the annotation that client-side kubectl apply writes', (kind) => {
    expect(Buffer.byteLength(JSON.stringify(customResourceDefinition(kind)))).toBeLessThan(256 * 1024);
  });

  test.each(kinds)('$kind has no two rules with the same message for different causes', (kind) => {
    const schema = customResourceDefinition(kind).spec.versions[0]?.schema.openAPIV3Schema;
    const rules = schema
      ? nodesBelow(field('', schema)).flatMap((f) => f.schema['x-kubernetes-validations'] ?? [])
      : [];
    const byMessage = new Map(rules.map(({ rule: expression, message }) => [message, expression]));
    expect(rules.filter(({ rule: expression, message }) => byMessage.get(message) !== expression)).toEqual([]);
  });
});
