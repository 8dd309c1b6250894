// What the ModelGateway of a namespace asks of its gateway.
import { modelGatewaySpecSchema, modelGatewayStatusSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { GatewayObserved } from '../../core/gateway/observed.ts';
import { modelGatewayName } from '../../core/names.ts';
import { nameKey } from '../../kube/objects.ts';
import type { Caches } from '../caches.ts';
import { objectParser } from '../parse-object.ts';

const parse = objectParser({ spec: modelGatewaySpecSchema, status: modelGatewayStatusSchema });

/** One that is being deleted asks for nothing more. */
export function gatewayWishOf(caches: Caches, namespace: string): GatewayObserved['wish'] {
  const found = caches.modelGateways.get(nameKey({ namespace, name: modelGatewayName }));
  if (!found || found.metadata.deletionTimestamp !== undefined) return undefined;
  const parsed = parse(found);
  if (!parsed.ok) return 'Unreadable';
  const { spec, metadata } = parsed.object;
  return { spec, uid: metadata.uid, generation: metadata.generation };
}
