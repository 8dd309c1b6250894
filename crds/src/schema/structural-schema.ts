// Rewrites a zod schema into a structural OpenAPI schema, the only form that the apiserver takes in a CRD. What has no such
// form (unions), and what would be lost without a word (refinements, transforms, rules on the keys of a map), is refused.
import { z } from 'zod';

const celRule = z.strictObject({
  rule: z.string(),
  message: z.string(),
  fieldPath: z.string().optional(),
  reason: z.enum(['FieldValueInvalid', 'FieldValueForbidden']).optional(),
});

/** Kinds that a field may name and that not everybody may use. */
const namedKinds = ['Secret', 'ServiceAccount'] as const;
export type NamedKind = (typeof namedKinds)[number];

const count = z.int().min(0).optional();

/** The part of OpenAPI that our CRDs use. The order of the fields here is their order in the generated files. */
const structuralSchemaShape = z.strictObject({
  description: z.string().optional(),
  type: z.enum(['object', 'array', 'string', 'integer', 'number', 'boolean']),
  format: z.enum(['date-time', 'int64']).optional(),
  enum: z.array(z.string()).optional(),
  default: z.json().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.boolean().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.boolean().optional(),
  minLength: count,
  maxLength: count,
  pattern: z.string().optional(),
  minItems: count,
  maxItems: count,
  maxProperties: count,
  'x-kubernetes-list-type': z.enum(['atomic', 'set', 'map']).optional(),
  'x-kubernetes-list-map-keys': z.array(z.string()).optional(),
  required: z.array(z.string()).optional(),
  'x-kubernetes-validations': z.array(celRule).optional(),
  /** What the value is the name of. Ours alone: the CRD does not have it. */
  'x-sluice-names': z.enum(namedKinds).optional(),
  get items() {
    return structuralSchemaShape.optional();
  },
  get properties() {
    return z.record(z.string(), structuralSchemaShape).optional();
  },
  get additionalProperties() {
    return structuralSchemaShape.optional();
  },
});

/** A structural schema: every value has one `type`, and nothing is said about a value in two places. */
export type StructuralSchema = z.output<typeof structuralSchemaShape>;

/** A value inside a schema: `name` is that of its field, `[]` for the items of a list and `{}` for the values of a map. */
export type SchemaNode = { path: string; name: string; schema: StructuralSchema };

/** The node itself and everything inside, from the outside in; `spec.features[].name` is a path. */
export function nodesBelow(node: SchemaNode): SchemaNode[] {
  const { properties = {}, items, additionalProperties } = node.schema;
  const inside = Object.entries(properties).map(([name, schema]) => ({ path: `${node.path}.${name}`, name, schema }));
  if (items) inside.push({ path: `${node.path}[]`, name: '[]', schema: items });
  if (additionalProperties) inside.push({ path: `${node.path}{}`, name: '{}', schema: additionalProperties });
  return [node, ...inside.flatMap(nodesBelow)];
}

/** The schema as the apiserver takes it: without what only we read. */
export const publishedSchema = (schema: StructuralSchema): StructuralSchema =>
  structuralSchemaShape.parse(
    JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === 'x-sluice-names' ? undefined : value))),
  );

const zodTypes = new Set([
  'object',
  'record',
  'array',
  'string',
  'number',
  'boolean',
  'enum',
  'optional',
  'default',
  'prefault',
]);

/**
 * The structural schema of `schema` as people write values of it: a field with a default is optional, and `.prefault({})`
 * becomes `default: {}`, which the apiserver fills from the defaults inside.
 * @throws Error naming the path of a construct that has no structural form.
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const raw = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema, path }) => {
      refuseLosses(zodSchema, path.join('.'));
      repair(jsonSchema);
    },
  });
  const { success, data, error } = structuralSchemaShape.safeParse(raw);
  if (!success) throw new Error(`schema has no structural form: ${z.prettifyError(error)}`);
  return data;
}

/** Zod drops these from its JSON schema silently: the apiserver would accept what the operator then cannot parse. */
function refuseLosses(schema: z.core.$ZodTypes, path: string): void {
  const { def } = schema._zod;
  if (!zodTypes.has(def.type)) throw new Error(`${path}: ${def.type} has no structural form`);
  if (def.checks?.some((check) => check._zod.def.check === 'custom')) {
    throw new Error(`${path}: a refinement would be lost; write a CEL rule with a message`);
  }
  if (def.type === 'record' && def.keyType._zod.def.checks?.length) {
    throw new Error(`${path}: limits on the keys of a map would be lost; write a CEL rule with a message`);
  }
}

/** The apiserver checks date-time by its format; a JavaScript pattern escapes slashes, which RE2 does not need. */
function repair(json: z.core.JSONSchema.BaseSchema): void {
  if (json.format === 'date-time') delete json.pattern;
  if (json.pattern !== undefined) json.pattern = json.pattern.replaceAll('\\/', '/');
  if (json.type === 'integer') json.format = 'int64';
}
