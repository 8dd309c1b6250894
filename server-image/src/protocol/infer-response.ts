// Writes the body of an infer answer.
import type { OutputTensor } from '@sluice/model/target.ts';
import type { InferRequest } from './infer-request.ts';

/** Name and version of what is served, as the protocol's answers show them. */
export type ModelIdentity = { readonly name: string; readonly version: string };

/** JSON text of the answer: the outputs the client asked for, in its order, data flat and row-major. */
export function renderInferResponse(
  identity: ModelIdentity,
  request: Pick<InferRequest, 'id' | 'outputs'>,
  tensors: readonly OutputTensor[],
): string {
  const head = {
    model_name: identity.name,
    model_version: identity.version,
    ...(request.id === undefined ? {} : { id: request.id }),
  };
  const outputs = request.outputs.flatMap((name) => tensors.filter((tensor) => tensor.name === name).map(renderTensor));
  return `${JSON.stringify(head).slice(0, -1)},"outputs":[${outputs.join(',')}]}`;
}

/** Typed arrays are joined by hand: JSON.stringify would write them as objects. The worker has checked that they are finite. */
function renderTensor({ name, datatype, shape, data }: OutputTensor): string {
  const head = JSON.stringify({ name, datatype, shape }).slice(0, -1);
  return `${head},"data":${Array.isArray(data) ? JSON.stringify(data) : `[${data.join(',')}]`}}`;
}
