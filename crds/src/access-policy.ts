// Makes the chart's admission policies: who writes an object may name in it only what he may use himself. They are made
// from the schemas: a field is covered by its mark (`namesObject` in fragments.ts), wherever it stands.
import { stringify } from 'yaml';
import { group, version } from './kind.ts';
import type { AnyKind } from './kinds.ts';
import { generatedNote } from './schema/custom-resource-definition.ts';
import { type NamedKind, nodesBelow, type StructuralSchema, structuralSchema } from './schema/structural-schema.ts';

/** A field of a spec that names an object of the same namespace; `[]` in its path stands for the items of a list. */
export type NamingField = { readonly path: string; readonly names: NamedKind };

/** The marked fields of a kind's spec. */
export const namingFields = ({ spec }: AnyKind): NamingField[] =>
  nodesBelow({ path: 'spec', name: 'spec', schema: structuralSchema(spec) }).flatMap(({ path, schema }) => {
    const names = schema['x-sluice-names'];
    return names === undefined ? [] : [{ path, names }];
  });

/** What the apiserver is asked about the requester, and what he is told. `name` is an expression. */
const checks: Readonly<Record<NamedKind, { allowed(name: string): string; remedy: string }>> = {
  Secret: {
    allowed: (name) => `${ask('secrets', name)}.check('get').allowed()`,
    remedy: 'ask for the right to get that Secret, or name another',
  },
  // A pod of a ServiceAccount has its pull secrets, and what a cloud gives it. Whoever may make pods has them anyway.
  ServiceAccount: {
    allowed: (name) =>
      `${name} == 'default' || ${ask('pods')}.check('create').allowed() || ${ask('serviceaccounts', name)}.check('impersonate').allowed()`,
    remedy: 'ask for the right to impersonate that ServiceAccount or to create pods, or name another',
  },
};

const ask = (resource: string, name?: string) =>
  `authorizer.group('').resource('${resource}').namespace(request.namespace)${name === undefined ? '' : `.name(${name})`}`;

/**
 * The apiserver stops a policy that asks it more than 28 times about rights, and one expression that asks more than twice:
 * each place in a list is an expression of its own, and a kind that has more places than this needs another policy.
 */
export const mostChecks = 24;

/** Every place that a path may stand for: `[]` becomes the index of each item that there may be. */
function placesOf(path: string, schema: StructuralSchema): string[] {
  const at = path.indexOf('[]');
  if (at < 0) return [path];
  const list = nodesBelow({ path: 'spec', name: 'spec', schema }).find((node) => node.path === path.slice(0, at));
  const items = Array.from({ length: list?.schema.maxItems ?? 0 }, (_, index) => index);
  const rest = path.slice(at + 2);
  return placesOf(rest, schema).flatMap((tail) => items.map((index) => `${path.slice(0, at)}[${index}]${tail}`));
}

/** The value at a place, as an optional one: nothing on the way has to be there. */
const valueAt = (place: string) => `object.${place.replaceAll('.', '.?').replaceAll('[', '[?').replace(/^/, '?')}`;

function validationsOf(kind: AnyKind): object[] {
  const schema = structuralSchema(kind.spec);
  const validations = namingFields(kind).flatMap(({ path, names }) => {
    if (/\{\}|\[\].*\[\]/.test(path))
      throw new Error(`${kind.kind}.${path}: a name inside a map, or a list of lists, cannot be checked`);
    const { allowed, remedy } = checks[names];
    return placesOf(path, schema).map((place) => ({
      expression: `${valueAt(place)}.optMap(name, ${allowed('name')}).orValue(true)`,
      messageExpression: `'${place} names ${names} ' + ${valueAt(place)}.orValue('') + ', which ' + request.userInfo.username + ' may not use: ${remedy}'`,
      reason: 'Forbidden',
    }));
  });
  if (validations.length > mostChecks) {
    throw new Error(`${kind.kind} may name ${validations.length} objects; one policy can check ${mostChecks}`);
  }
  return validations;
}

/**
 * The policy of a kind. A change of anything in the spec is a new wish, for what the object names already, too: it could
 * turn another's Secret to another use. Labels, status, scale and deletion name nothing and pass.
 */
export function accessPolicy(kind: AnyKind): object {
  const resources = [kind.plural];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: policyName(kind) },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: [group], apiVersions: [version], operations: ['CREATE', 'UPDATE'], resources }],
      },
      matchConditions: [{ name: 'spec-changes', expression: 'oldObject == null || object.spec != oldObject.spec' }],
      validations: validationsOf(kind),
    },
  };
}

const policyName = ({ plural }: AnyKind) => `named-objects.${plural}.${group}`;

const bindingOf = (kind: AnyKind): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: policyName(kind) },
  spec: { policyName: policyName(kind), validationActions: ['Deny'] },
});

const labels = '  labels: {{- include "sluice.labels" . | nindent 4 }}';

/** An object as text, with the labels of the chart. */
const toText = (object: object) =>
  stringify(object, { version: '1.1', lineWidth: 0 }).replace(/^metadata:\n {2}name: .*$/m, `$&\n${labels}`);

/** Text of the chart's template. Kinds that name nothing have no policy. */
export function accessPolicyTemplate(kinds: readonly AnyKind[]): string {
  const naming = kinds.filter((kind) => namingFields(kind).length > 0);
  const objects = naming.flatMap((kind) => [accessPolicy(kind), bindingOf(kind)]);
  return [
    generatedNote,
    '{{- if and .Values.secretAccessPolicy.enabled (eq .Values.watchNamespace "") }}',
    objects.map(toText).join('---\n').trimEnd(),
    '{{- end }}',
    '',
  ].join('\n');
}
