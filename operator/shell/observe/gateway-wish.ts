// What the ModelGateway of a namespace asks of its gateway.
import { modelGatewaySpecSchema, modelGatewayStatusSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { GatewayObserved } from '../../core/gateway/observed.ts';
import type { Opening } from '../../core/gateway/traffic/external-url.ts';
import { modelGatewayName } from '../../core/names.ts';
import { nameKey } from '../../kube/objects.ts';
import type { Caches } from '../caches.ts';
import { objectParser } from '../parse-object.ts';

const parse = objectParser({ spec: modelGatewaySpecSchema, status: modelGatewayStatusSchema });

/** One that is being deleted asks for nothing more. */
function readingOf(caches: Caches, namespace: string): ReturnType<typeof parse> | undefined {
  const found = caches.modelGateways.get(nameKey({ namespace, name: modelGatewayName }));
  return !found || found.metadata.deletionTimestamp !== undefined ? undefined : parse(found);
}

export function gatewayWishOf(caches: Caches, namespace: string): GatewayObserved['wish'] {
  const read = readingOf(caches, namespace);
  if (read === undefined) return undefined;
  if (!read.ok) return 'Unreadable';
  const { spec, metadata } = read.object;
  return { spec, uid: metadata.uid, generation: metadata.generation };
}

/** What it opens, for those who are found there. */
export function openingOf(caches: Caches, namespace: string): Opening | undefined {
  const read = readingOf(caches, namespace);
  if (!read?.ok || read.object.spec.expose === undefined) return undefined;
  return { expose: read.object.spec.expose, url: read.object.status?.url };
}
