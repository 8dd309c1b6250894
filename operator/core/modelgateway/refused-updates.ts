// What gateway pods refuse of what they are told, once for each ModelDeployment, in Envoy's own words.
import { cutEnd } from '@sluice/crds/text.ts';
import { type ModelGatewayStatus, maxRefusedUpdates } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { Refusals } from '../gateway/delivery/refusals.ts';

type RefusedUpdate = NonNullable<ModelGatewayStatus['refusedUpdates']>[number];

/** Of the pods' words about one listener the first are taken. */
export function refusedUpdates(refusals: readonly Refusals[]): RefusedUpdate[] {
  const words = new Map<string, string>();
  for (const { deployment, message } of refusals.flatMap((each) => each.words)) {
    if (!words.has(deployment)) words.set(deployment, message);
  }
  const listeners = new Set(refusals.flatMap(({ deployments }) => deployments));
  return [...listeners]
    .sort()
    .map((listener) => ({ listener, message: words.get(listener) ?? 'see the log of the gateway pods' }))
    .slice(0, maxRefusedUpdates);
}

/** Limit of the status contract. */
const longestMessage = 200;

/** The first of them, and how many others there are. */
export function wordsOfRefused([first, ...others]: readonly RefusedUpdate[]): string | undefined {
  if (!first) return undefined;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return cutEnd(`Envoy refuses ${first.listener}${more}: ${first.message}`, longestMessage);
}
