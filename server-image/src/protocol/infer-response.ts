// Writes the body of an infer answer.
import type { OutputTensor } from '@sluice/model/target.ts';
import { tensorBytes } from './binary-tensor.ts';
import type { InferRequest } from './infer-request.ts';

/** Name and version of what is served, as the protocol's answers show them. */
export type ModelIdentity = { readonly name: string; readonly version: string };

/** The answer's JSON, and the bytes of the outputs that were asked for in binary form, in the order of the outputs. */
export type InferResponse = { readonly json: string; readonly binary: readonly Buffer[] };

/** The outputs the client asked for, in its order, data flat and row-major. */
export function renderInferResponse(
  identity: ModelIdentity,
  request: Pick<InferRequest, 'id' | 'outputs'>,
  tensors: readonly OutputTensor[],
): InferResponse {
  const head = {
    model_name: identity.name,
    model_version: identity.version,
    ...(request.id === undefined ? {} : { id: request.id }),
  };
  const outputs = request.outputs.flatMap(({ name, isBinary }) =>
    tensors
      .filter((tensor) => tensor.name === name)
      .map((tensor) => (isBinary ? renderBinary(tensor) : { text: renderTensor(tensor), bytes: [] })),
  );
  const json = `${JSON.stringify(head).slice(0, -1)},"outputs":[${outputs.map(({ text }) => text).join(',')}]}`;
  return { json, binary: outputs.flatMap(({ bytes }) => bytes) };
}

function renderBinary(tensor: OutputTensor) {
  const { name, datatype, shape } = tensor;
  const bytes = tensorBytes(tensor);
  const text = JSON.stringify({ name, datatype, shape, parameters: { binary_data_size: bytes.length } });
  return { text, bytes: [bytes] };
}

/** Typed arrays are joined by hand: JSON.stringify would write them as objects. The worker has checked that they are finite. */
function renderTensor({ name, datatype, shape, data }: OutputTensor): string {
  const head = JSON.stringify({ name, datatype, shape }).slice(0, -1);
  return `${head},"data":${Array.isArray(data) ? JSON.stringify(data) : `[${data.join(',')}]`}}`;
}
