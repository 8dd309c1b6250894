// Members of the objects that a client sends. What may be left out may also be null: many clients write every member.
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { badRequest, quoted } from './request-error.ts';

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

/** The `parameters` of an object, empty where there are none. Throws RequestError when they are something else. */
export function parametersOf(object: JsonObject, place: string): JsonObject {
  const { parameters } = object;
  if (parameters === undefined || parameters === null) return {};
  if (!isObject(parameters)) throw badRequest(`${place} must be an object, or left out`);
  return parameters;
}

/** The first names of a signature, for messages. */
export function names(signatures: readonly TensorSignature[]): string {
  const shown = signatures.slice(0, 4).map(({ name }) => quoted(name));
  const rest = signatures.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
