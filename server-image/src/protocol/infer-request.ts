// Reads the body of an infer request against the model's signature: every refusal happens here, before any work is queued.
import type { Manifest, TensorSignature } from '@sluice/model/manifest.ts';
import { datatypeNames } from './datatypes.ts';
import { badRequest, quoted, RequestError } from './request-error.ts';
import { type CheckedInput, readTensor, type TensorValues } from './tensor-data.ts';

const maxIdLength = 256;

/** What a request is held to. */
export type RequestRules = {
  readonly signature: Manifest['signature'];
  /** Largest number of elements over all inputs. */
  readonly maxElements: number;
};

/** A valid request. `inputs` has every input of the signature, `outputs` the names the client wants, in its order. */
export type InferRequest = {
  readonly id: string | undefined;
  readonly rows: number;
  readonly inputs: ReadonlyMap<string, TensorValues>;
  readonly outputs: readonly string[];
};

type JsonObject = { readonly [key: string]: unknown };

/** Throws RequestError: 400 for what the client can mend, 413 beyond `maxElements`. Never anything else. */
export function parseInferRequest(body: unknown, rules: RequestRules): InferRequest {
  if (!isObject(body)) throw badRequest('the body must be a JSON object with a list "inputs"');
  const { id, parameters } = body;
  if (id !== undefined && (typeof id !== 'string' || id.length > maxIdLength)) {
    throw badRequest(`"id" must be a string of at most ${maxIdLength} characters`);
  }
  if (parameters !== undefined && !isObject(parameters)) throw badRequest('"parameters" must be an object');
  const outputs = parseOutputs(body['outputs'], rules.signature.outputs);
  const checked = checkInputs(body['inputs'], rules);
  const inputs = new Map(checked.map((input) => [input.signature.name, readTensor(input)]));
  return { id, rows: checked[0]?.shape[0] ?? 0, inputs, outputs };
}

function checkInputs(inputs: unknown, rules: RequestRules): CheckedInput[] {
  const signatures = rules.signature.inputs;
  if (!Array.isArray(inputs)) throw badRequest(`"inputs" must be a list with ${names(signatures)}`);
  if (inputs.length > signatures.length) {
    throw badRequest(`"inputs" has ${inputs.length} items; the model takes ${names(signatures)}, each once`);
  }
  const checked = inputs.map((input, position) => checkInput(input, position, signatures));
  for (const signature of signatures) {
    const given = checked.filter((input) => input.signature === signature).length;
    if (given !== 1) {
      throw badRequest(
        `input ${quoted(signature.name)} is ${given === 0 ? 'missing' : 'given twice'}; send ${names(signatures)}`,
      );
    }
  }
  checkSizes(checked, rules.maxElements);
  return checked;
}

function checkInput(input: unknown, position: number, signatures: readonly TensorSignature[]): CheckedInput {
  if (!isObject(input)) throw badRequest(`inputs[${position}] must be an object with name, shape, datatype and data`);
  const { name, datatype, data } = input;
  if (typeof name !== 'string') throw badRequest(`inputs[${position}].name must be one of ${names(signatures)}`);
  const signature = signatures.find((candidate) => candidate.name === name);
  if (!signature) throw badRequest(`input ${quoted(name)} is not one of the model's inputs ${names(signatures)}`);
  if (typeof datatype !== 'string' || !datatypeNames.includes(datatype)) {
    throw badRequest(`input ${quoted(name)} needs a datatype out of ${datatypeNames.join(', ')}`);
  }
  if ((datatype === 'BYTES') !== (signature.datatype === 'BYTES')) {
    throw badRequest(`input ${quoted(name)} has datatype ${datatype}; the model takes ${signature.datatype}`);
  }
  if (!Array.isArray(data)) throw badRequest(`input ${quoted(name)} needs a list "data"; binary data is not supported`);
  const shape = checkShape(input['shape'], signature);
  return { signature, datatype, shape, size: shape.reduce((product, length) => product * length, 1), data };
}

function checkShape(shape: unknown, signature: TensorSignature): number[] {
  const wanted = signature.shape;
  const isLength = (length: unknown): length is number =>
    typeof length === 'number' && Number.isSafeInteger(length) && length >= 1;
  const fits = (length: number, dimension: number): boolean => wanted[dimension] === -1 || wanted[dimension] === length;
  if (!Array.isArray(shape) || shape.length !== wanted.length || !shape.every(isLength) || !shape.every(fits)) {
    const remedy = `send [${wanted.join(',')}] with the number of rows, at least 1, for -1`;
    throw badRequest(`input ${quoted(signature.name)} has a shape that the model does not take; ${remedy}`);
  }
  return shape;
}

/** A product beyond 2^53 is inexact, but still far beyond the limit. */
function checkSizes(inputs: readonly CheckedInput[], maxElements: number): void {
  const total = inputs.reduce((sum, { size }) => sum + size, 0);
  if (total > maxElements) {
    throw new RequestError(
      413,
      `the inputs have ${total} elements, the server takes ${maxElements}; send fewer rows per request`,
    );
  }
  const first = inputs[0];
  const other = inputs.find((input) => input.shape[0] !== first?.shape[0]);
  if (first && other) {
    throw badRequest(
      `inputs ${quoted(first.signature.name)} and ${quoted(other.signature.name)} have ${first.shape[0]} and ${other.shape[0]} rows; send as many of each`,
    );
  }
}

function parseOutputs(outputs: unknown, signatures: readonly TensorSignature[]): string[] {
  const all = signatures.map(({ name }) => name);
  if (outputs === undefined) return all;
  if (!Array.isArray(outputs) || outputs.length > all.length) {
    throw badRequest(`"outputs" must be a list out of ${names(signatures)}, each at most once`);
  }
  const wanted = outputs.map((output: unknown, position) => {
    const name = isObject(output) ? output['name'] : undefined;
    if (typeof name !== 'string' || !all.includes(name)) {
      throw badRequest(`outputs[${position}].name must be one of ${names(signatures)}`);
    }
    return name;
  });
  if (new Set(wanted).size < wanted.length) throw badRequest('"outputs" names an output twice; name each once');
  return wanted.length === 0 ? all : wanted;
}

function names(signatures: readonly TensorSignature[]): string {
  const shown = signatures.slice(0, 4).map(({ name }) => quoted(name));
  const rest = signatures.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
