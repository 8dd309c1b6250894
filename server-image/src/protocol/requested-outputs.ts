// Which outputs a client asks for, and in what form.
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { isObject, isPresent, names, parametersOf } from './members.ts';
import { badRequest, quoted } from './request-error.ts';

/** An output of the answer, as numbers and texts in JSON or as bytes after it. */
export type RequestedOutput = { readonly name: string; readonly isBinary: boolean };

/**
 * The outputs in the client's order; all of them when it names none.
 * @param isBinaryByDefault `binary_data_output` of the request: holds for outputs that do not say `binary_data`
 */
export function parseOutputs(
  outputs: unknown,
  signatures: readonly TensorSignature[],
  isBinaryByDefault: boolean,
): RequestedOutput[] {
  const all = signatures.map(({ name }) => ({ name, isBinary: isBinaryByDefault }));
  if (!isPresent(outputs)) return all;
  if (!Array.isArray(outputs) || outputs.length > all.length) {
    throw badRequest(`"outputs" must be a list out of ${names(signatures)}, each at most once`);
  }
  const wanted = outputs.map((output: unknown, position) => {
    const name = isObject(output) ? output['name'] : undefined;
    if (!isObject(output) || typeof name !== 'string' || !signatures.some((each) => each.name === name)) {
      const found = typeof name === 'string' ? ` is ${quoted(name)}; it` : '';
      throw badRequest(`outputs[${position}].name${found} must be one of ${names(signatures)}`);
    }
    return { name, isBinary: formOf(output, position) ?? isBinaryByDefault };
  });
  if (new Set(wanted.map(({ name }) => name)).size < wanted.length) {
    throw badRequest('"outputs" names an output twice; name each once');
  }
  return wanted.length === 0 ? all : wanted;
}

function formOf(output: { readonly [key: string]: unknown }, position: number): boolean | undefined {
  const place = `outputs[${position}].parameters`;
  const parameters = parametersOf(output, place);
  if (isPresent(parameters['classification'])) {
    throw badRequest(`${place}.classification is not offered; leave it out and read the output "probabilities"`);
  }
  if (isPresent(parameters['shared_memory_region'])) {
    throw badRequest(`${place}.shared_memory_region is not offered; leave it out, the answer has the data`);
  }
  return booleanOf(parameters, 'binary_data', place);
}

/** A parameter that is true or false; undefined where it is not there. Throws RequestError for another value. */
export function booleanOf(
  parameters: { readonly [key: string]: unknown },
  key: string,
  place: string,
): boolean | undefined {
  const value = parameters[key];
  if (!isPresent(value)) return undefined;
  if (typeof value !== 'boolean') throw badRequest(`${place}.${key} must be true or false`);
  return value;
}
