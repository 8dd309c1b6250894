// The words that pages may use as code: reasons, conditions, kinds and values from the schemas, paths of fields and values.
import { readFileSync } from 'node:fs';
import { exitCodes, failureClasses } from '@sluice/crds/contract.ts';
import { kinds } from '@sluice/crds/kinds.ts';
import { reasons } from '@sluice/crds/reasons.ts';
import { nodesBelow, structuralSchema } from '@sluice/crds/schema/structural-schema.ts';
import { fallbackAnswers } from '@sluice/operator/core/gateway/envoy/fallback/script.ts';

/** Words of Kubernetes that pages use. */
const foreign = [
  'ControllerRevision',
  'Deployment',
  'Service',
  'ReadWriteOnce',
  'ReadWriteMany',
  'FallbackToLogsOnError',
  'Secret',
  'True',
  'False',
  'Unknown',
];

const fields = kinds.flatMap(({ spec, status }) => [
  ...nodesBelow({ path: 'spec', name: 'spec', schema: structuralSchema(spec) }),
  ...nodesBelow({ path: 'status', name: 'status', schema: structuralSchema(status) }),
]);

/** Full paths of all fields, without the brackets of lists and maps. */
const fieldPaths = [...new Set(fields.map(({ path }) => path.replace(/\[\]|\{\}/g, '')))];

/** The words that a value of the chart may have. */
const chartSchema: unknown = JSON.parse(
  readFileSync(new URL('../../charts/sluice/values.schema.json', import.meta.url), 'utf8'),
);
const enumsIn = (schema: unknown): string[] =>
  typeof schema !== 'object' || schema === null
    ? []
    : Object.entries(schema).flatMap(([key, inner]) => (key === 'enum' ? inner.map(String) : enumsIn(inner)));

/** Every CamelCase word that may stand in backticks. */
export const words: ReadonlySet<string> = new Set([
  ...foreign,
  ...kinds.map(({ kind }) => kind),
  ...Object.values(reasons).flatMap((table) => Object.keys(table)),
  ...Object.values(reasons).flatMap((table) => Object.values(table).flatMap(({ on }) => [...on])),
  ...failureClasses,
  ...Object.keys(exitCodes),
  ...fields.flatMap(({ schema }) => (schema.enum ?? []).map(String)),
  ...enumsIn(chartSchema),
  ...Object.values(fallbackAnswers),
]);

/** Whether some field's path is, or ends with, this dotted path. */
export const isField = (path: string): boolean =>
  fieldPaths.some((field) => field === path || field.endsWith(`.${path}`));

/** Names of fields that others hang below: a dotted path that begins with one is meant as a field. */
export const parents: ReadonlySet<string> = new Set(
  fieldPaths.flatMap((path) => path.split('.').slice(0, -1)).concat('spec', 'status'),
);
