// No rule of a CRD without an accept and a reject case.
import { describe, expect, test } from '@jest/globals';
import { kinds } from '@sluice/crds/kinds.ts';
import { objectSchema } from '@sluice/crds/schema/custom-resource-definition.ts';
import { nodesBelow } from '@sluice/crds/schema/structural-schema.ts';
import { modelDeploymentCases } from './model-deployment.cases.ts';
import { modelGatewayCases } from './model-gateway.cases.ts';
import { modelVersionCases } from './model-version.cases.ts';
import { trainingJobCases } from './training-job.cases.ts';

const tables = [trainingJobCases, modelVersionCases, modelDeploymentCases, modelGatewayCases];

test('every kind has its tables', () => {
  expect(tables.map(({ kind }) => kind.kind)).toEqual(kinds.map(({ kind }) => kind));
});

describe.each(tables)('$kind.kind', ({ kind, structural, rules, updates }) => {
  test('has a case for each CEL rule, by its message', () => {
    const nodes = nodesBelow({ path: kind.kind, name: kind.kind, schema: objectSchema(kind) });
    const messages = nodes
      .flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? [])
      .map(({ message }) => message);
    const covered = new Set([...rules, ...updates].map(({ says }) => says));
    expect(messages.filter((message) => !covered.has(message))).toEqual([]);
    expect(messages).not.toHaveLength(0);
  });

  test('accepts something and refuses something by each of its cases', () => {
    const empty = [...structural, ...rules, ...updates].filter(
      ({ accepts, rejects }) => Object.keys(accepts).length === 0 || Object.keys(rejects).length === 0,
    );
    expect(empty).toEqual([]);
  });
});
