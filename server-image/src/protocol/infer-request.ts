// Reads the body of an infer request against the model's signature: every refusal happens here, before any work is queued.
import type { Manifest, TensorSignature } from '@sluice/model/manifest.ts';
import { BinaryData } from './binary-body.ts';
import { datatypeNames } from './datatypes.ts';
import { isObject, isPresent, type JsonObject, names, parametersOf } from './members.ts';
import { badRequest, quoted, RequestError } from './request-error.ts';
import { booleanOf, parseOutputs, type RequestedOutput } from './requested-outputs.ts';
import { type CheckedInput, readTensor, type TensorValues } from './tensor-data.ts';
import { checkShape } from './tensor-shape.ts';

const maxIdLength = 256;

/** What a request is held to. */
export type RequestRules = {
  readonly signature: Manifest['signature'];
  /** Largest number of elements over all inputs. */
  readonly maxElements: number;
};

/** A valid request. `inputs` has every input of the signature, `outputs` what the client wants, in its order. */
export type InferRequest = {
  readonly id: string | undefined;
  readonly rows: number;
  readonly inputs: ReadonlyMap<string, TensorValues>;
  readonly outputs: readonly RequestedOutput[];
};

/**
 * Throws RequestError: 400 for what the client can mend, 413 beyond `maxElements`. Never anything else.
 * @param bytes what follows the JSON in the body; undefined when nothing does
 */
export function parseInferRequest(body: unknown, rules: RequestRules, bytes?: Uint8Array): InferRequest {
  if (!isObject(body)) throw badRequest('the body must be a JSON object with a list "inputs"');
  const id = parseId(body['id']);
  const parameters = parametersOf(body, '"parameters"');
  const isBinary = booleanOf(parameters, 'binary_data_output', '"parameters"') ?? false;
  const outputs = parseOutputs(body['outputs'], rules.signature.outputs, isBinary);
  const checked = checkInputs(body['inputs'], rules, new BinaryData(bytes));
  const inputs = new Map(checked.map((input) => [input.signature.name, readTensor(input)]));
  return { id, rows: checked[0]?.shape[0] ?? 0, inputs, outputs };
}

function parseId(id: unknown): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'string' && id.length <= maxIdLength) return id;
  throw badRequest(`"id" must be a string of at most ${maxIdLength} characters`);
}

function checkInputs(inputs: unknown, rules: RequestRules, binary: BinaryData): CheckedInput[] {
  const signatures = rules.signature.inputs;
  if (!Array.isArray(inputs)) throw badRequest(`"inputs" must be a list with ${names(signatures)}`);
  if (inputs.length > signatures.length) {
    const unknown = inputs.find((input) => isObject(input) && !signatures.some(({ name }) => name === input['name']));
    if (unknown) checkInput(unknown, inputs.indexOf(unknown), { signatures, binary });
    throw badRequest(`"inputs" has ${inputs.length} items; the model takes ${names(signatures)}, each once`);
  }
  const checked = inputs.map((input, position) => checkInput(input, position, { signatures, binary }));
  binary.end();
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

type InputPlace = { readonly signatures: readonly TensorSignature[]; readonly binary: BinaryData };

function checkInput(input: unknown, position: number, { signatures, binary }: InputPlace): CheckedInput {
  if (!isObject(input)) throw badRequest(`inputs[${position}] must be an object with name, shape, datatype and data`);
  const { name, datatype } = input;
  if (typeof name !== 'string') throw badRequest(`inputs[${position}].name must be one of ${names(signatures)}`);
  const signature = signatures.find((candidate) => candidate.name === name);
  if (!signature) throw badRequest(`input ${quoted(name)} is not one of the model's inputs ${names(signatures)}`);
  checkDatatype(datatype, signature);
  const data = dataOf(input, name, binary);
  const shape = checkShape(input['shape'], signature);
  return { signature, datatype, shape, size: shape.reduce((product, length) => product * length, 1), data };
}

function checkDatatype(datatype: unknown, { name, datatype: wanted }: TensorSignature): asserts datatype is string {
  if (typeof datatype !== 'string' || !datatypeNames.includes(datatype)) {
    throw badRequest(`input ${quoted(name)} needs a datatype out of ${datatypeNames.join(', ')}`);
  }
  if ((datatype === 'BYTES') === (wanted === 'BYTES')) return;
  const remedy = wanted === 'BYTES' ? 'send strings' : 'send numbers';
  throw badRequest(`input ${quoted(name)} has datatype ${datatype}; the model takes ${wanted}: ${remedy}`);
}

/** Encodings of texts that a parameter of MLServer announces; whoever took them for the texts would predict nonsense. */
const encodedTexts: readonly unknown[] = ['base64', 'pd_json'];

/** The list in JSON, or the bytes behind it. */
function dataOf(input: JsonObject, name: string, binary: BinaryData): CheckedInput['data'] {
  const { data } = input;
  const parameters = parametersOf(input, `input ${quoted(name)}: parameters`);
  if (encodedTexts.includes(parameters['content_type'])) {
    throw badRequest(
      `input ${quoted(name)} has content_type ${parameters['content_type']}; send the texts as they are`,
    );
  }
  if (isPresent(parameters['shared_memory_region'])) {
    throw badRequest(`input ${quoted(name)} is in shared memory, which is not offered; send its data in the request`);
  }
  const size = parameters['binary_data_size'];
  if (!isPresent(size)) {
    if (Array.isArray(data)) return data;
    throw badRequest(
      `input ${quoted(name)} needs a list "data", or parameters.binary_data_size and bytes after the JSON`,
    );
  }
  if (isPresent(data)) throw badRequest(`input ${quoted(name)} has "data" and binary_data_size; send one of them`);
  return binary.take(size, name);
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
