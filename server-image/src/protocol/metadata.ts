// The documents of the protocol that describe the server and the model.
import type { Manifest } from '@sluice/model/manifest.ts';
import type { ModelIdentity } from './infer-response.ts';

/** `GET /v2`, with the extensions of the protocol that are offered. */
export const serverMetadata = { name: 'sluice', version: '0.1.0', extensions: ['binary_tensor_data'] } as const;

/** `GET /v2/models/{name}`. */
export function modelMetadata(identity: ModelIdentity, signature: Manifest['signature']) {
  return {
    name: identity.name,
    versions: [identity.version],
    platform: 'tensorflowjs_layers',
    inputs: signature.inputs,
    outputs: signature.outputs,
  };
}
