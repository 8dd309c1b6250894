// Which implementation of the traffic port serves a ModelDeployment: the Envoys of its namespace. Nothing else of this kind
// knows them.

import { type GatewayObserved, gatewayTraffic } from '../../gateway/traffic/traffic.ts';
import type { Instant } from '../../plan.ts';
import type { Traffic } from '../../traffic/port.ts';
import type { ModelDeployment } from '../observed.ts';

export type { GatewayObserved };

/** What is known of the traffic of `modelDeployment` at `now`. */
export function trafficOf(
  observed: GatewayObserved & { readonly modelDeployment: ModelDeployment },
  now: Instant,
): Traffic {
  const { metadata, spec } = observed.modelDeployment;
  const client = { deployment: metadata.name, model: spec.model.name, exposedAs: spec.expose };
  return gatewayTraffic(observed, client, now);
}
