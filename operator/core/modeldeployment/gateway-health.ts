// Says what keeps the gateway from doing what the routing table asks, when it has had time enough.
import { secondsSince } from '../conditions.ts';
import { isReady } from '../gateway/plan.ts';
import type { Instant } from '../plan.ts';
import type { Obstacle } from './startup.ts';
import { type GatewayView, isVerified, laggingGateways, type Share } from './traffic.ts';

/** Polls take a quarter of a second, readings one: what is not there after this long does not come by itself. */
const deadlineSeconds = 15;

/** A reading that is older does not say what the pod knows now. */
const readingMaxAgeSeconds = 10;

/** Undefined while the gateway is as wanted, or may still become so by itself. */
export function gatewayObstacle(shares: readonly Share[], view: GatewayView, now: Instant): Obstacle | undefined {
  if (shares.length === 0 || isVerified(shares, view)) return undefined;
  const newest = Math.min(...shares.map(({ changedAt }) => secondsSince(changedAt, now)));
  if (newest < deadlineSeconds) return undefined;
  if (!view.pods.some(isReady)) {
    return {
      reason: 'GatewayPending',
      message: 'no pod of Deployment sluice-gateway is ready; kubectl describe its pods',
    };
  }
  for (const { metadata } of laggingGateways(view)) {
    const reading = view.readings.find(({ podUid }) => podUid === metadata.uid);
    if (!reading || now - reading.at > readingMaxAgeSeconds * 1000) {
      return {
        reason: 'GatewaysUnreachable',
        message: `the operator cannot read port 9902 of pod ${metadata.name}; allow it in the NetworkPolicy`,
      };
    }
    if (reading.report.rejected > 0) {
      return {
        reason: 'GatewayRejected',
        message: `Envoy in pod ${metadata.name} refused the new routes; see its log`,
      };
    }
  }
  return undefined;
}
