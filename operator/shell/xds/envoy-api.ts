// Envoy's API in bytes: resources as Envoy's schema has them, and the messages of its protocol. What does not fit the schema
// is an error here, before any Envoy sees it.
import { gunzipSync } from 'node:zlib';
import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { EnvoyResource } from '../../core/gateway/envoy/source.ts';
import api from './envoy-api.json' with { type: 'json' };

/** `google.protobuf.Any`. */
export type Packed = { readonly typeUrl: string; readonly value: Uint8Array };

/** A message as its fields are named in code. */
type Fields = { readonly [field: string]: unknown };

let registry: FileRegistry | undefined;

/** Unpacked when it is first used: an operator that no gateway asks needs none. */
function schemas(): FileRegistry {
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, gunzipSync(Buffer.from(api.schema, 'base64'))));
  return registry;
}

function schemaOf(name: string): DescMessage {
  const found = schemas().getMessage(name);
  if (!found) throw new Error(`${name} is not in envoy-api.json: add it to test/envoy-api/messages.ts`);
  return found;
}

/** @throws Error that names the field which Envoy's schema does not have so. */
export function pack({ '@type': typeUrl, ...fields }: EnvoyResource): Packed {
  const schema = schemaOf(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  const message = fromJson(schema, fields as JsonValue, { registry: schemas() });
  return { typeUrl, value: toBinary(schema, message) };
}

/** A resource as it was before it was packed; what Envoy takes for the default is left out. */
export function unpack({ typeUrl, value }: Packed): EnvoyResource {
  const schema = schemaOf(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  const json = toJson(schema, fromBinary(schema, value), { registry: schemas(), useProtoFieldName: true });
  return { ...(json as { name: string }), '@type': typeUrl };
}

const discovery = 'envoy.service.discovery.v3';

/** One kind of message of the protocol, in both directions: tests play Envoy. */
function codec<Content extends object>(name: string) {
  return {
    encode: (content: Content): Buffer => {
      const schema = schemaOf(`${discovery}.${name}`);
      return Buffer.from(toBinary(schema, create(schema, content as Fields as Message)));
    },
    decode: (bytes: Uint8Array): Content => {
      const schema = schemaOf(`${discovery}.${name}`);
      return fromBinary(schema, bytes) as Message as unknown as Content;
    },
  };
}

export type DeltaRequest = {
  readonly node?: { readonly id?: string; readonly cluster?: string; readonly metadata?: JsonObject } | undefined;
  readonly typeUrl: string;
  readonly resourceNamesSubscribe?: readonly string[];
  readonly resourceNamesUnsubscribe?: readonly string[];
  readonly initialResourceVersions?: Readonly<Record<string, string>>;
  readonly responseNonce?: string;
  readonly errorDetail?: { readonly code?: number; readonly message?: string } | undefined;
};

export type DeltaResponse = {
  readonly systemVersionInfo: string;
  readonly resources: readonly { readonly name: string; readonly version: string; readonly resource?: Packed }[];
  readonly typeUrl: string;
  readonly removedResources: readonly string[];
  readonly nonce: string;
  readonly controlPlane?: { readonly identifier: string };
};

export const deltaRequest = codec<DeltaRequest>('DeltaDiscoveryRequest');
export const deltaResponse = codec<DeltaResponse>('DeltaDiscoveryResponse');

/** The one method that is spoken. */
export const deltaMethod = {
  path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  requestStream: true,
  responseStream: true,
  requestSerialize: deltaRequest.encode,
  requestDeserialize: deltaRequest.decode,
  responseSerialize: deltaResponse.encode,
  responseDeserialize: deltaResponse.decode,
} as const;
