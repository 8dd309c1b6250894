// No field that names a Secret or a ServiceAccount can be forgotten by the policies.
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { accessPolicy, mostChecks, namingFields } from './access-policy.ts';
import { atomicList, nameOf } from './fragments.ts';
import type { AnyKind } from './kinds.ts';
import { kinds } from './kinds.ts';
import { customResourceDefinition } from './schema/custom-resource-definition.ts';
import { nodesBelow, type SchemaNode, structuralSchema } from './schema/structural-schema.ts';

/** The field's own name where the node is an item of a list or a value of a map. */
const wordsOf = ({ path }: SchemaNode) => path.replace(/\[\]|\{\}/g, '').split('.');

/** A text that is called after a Secret, or that is the name in something that is: `secretName`, `secretKeyRef.name`. */
function looksLike(kind: RegExp, node: SchemaNode): boolean {
  const words = wordsOf(node);
  const [own = '', outer = ''] = [words.at(-1), words.at(-2)];
  return node.schema.type === 'string' && (kind.test(own) || (own === 'name' && kind.test(outer)));
}

const nodes = kinds.flatMap(({ kind, spec }) =>
  nodesBelow({ path: 'spec', name: 'spec', schema: structuralSchema(spec) }).map((node) => ({ kind, node })),
);

describe('every field that names', () => {
  test.each([
    ['Secret', /secret/i],
    ['ServiceAccount', /serviceAccount/i],
  ] as const)('a %s has its mark', (mark, pattern) => {
    const named = nodes.filter(({ node }) => looksLike(pattern, node));
    expect(named.length).toBeGreaterThan(0);
    const forgotten = named.filter(({ node }) => node.schema['x-sluice-names'] !== mark);
    expect(forgotten.map(({ kind, node }) => `${kind}.${node.path}`)).toEqual([]);
  });
});

const kindWith = (spec: z.ZodType): AnyKind => ({ ...kinds[0], kind: 'Made', plural: 'mades', spec }) as AnyKind;
const expressionsOf = (kind: AnyKind) =>
  (accessPolicy(kind) as { spec: { validations: { expression: string }[] } }).spec.validations.map(
    ({ expression }) => expression.split('.optMap')[0],
  );

describe('a policy', () => {
  test('looks at every place of a list, and through what may be absent', () => {
    const source = z.object({ secretName: nameOf('Secret').optional() }).optional();
    const spec = z.object({ source, gates: z.array(z.object({ source })).max(2).meta(atomicList('Gates.')) });
    expect(namingFields(kindWith(spec)).map(({ path }) => path)).toEqual([
      'spec.source.secretName',
      'spec.gates[].source.secretName',
    ]);
    expect(expressionsOf(kindWith(spec))).toEqual([
      'object.?spec.?source.?secretName',
      'object.?spec.?gates[?0].?source.?secretName',
      'object.?spec.?gates[?1].?source.?secretName',
    ]);
  });

  test('that the apiserver would stop for its cost is not made', () => {
    const names = z
      .array(nameOf('Secret'))
      .max(mostChecks + 1)
      .meta(atomicList('Names.'));
    expect(() => accessPolicy(kindWith(z.object({ names })))).toThrow('one policy can check');
  });

  test('of a place that it cannot look at is not made', () => {
    const names = z.record(z.string(), nameOf('Secret')).meta({ maxProperties: 2 });
    expect(() => accessPolicy(kindWith(z.object({ names })))).toThrow('inside a map');
  });
});

test('the mark is not in the CRDs, whose schema the apiserver would refuse to know', () => {
  expect(JSON.stringify(kinds.map(customResourceDefinition))).not.toContain('x-sluice');
});
