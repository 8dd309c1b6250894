// Which requests fall back, and how long a revision has for them.

import { timeoutMarginSeconds } from '../../../traffic/time-limits.ts';
import type { Route } from '../../routes.ts';
import type { Action } from '../limits/request-limits.ts';
import { arrivalSeconds } from '../limits/time-limits.ts';
import { type FallbackContext, fallingBack } from './filter.ts';
import { liveBeside, liveClusterName } from './live-cluster.ts';

/** Predictions alone: a health check must be told the truth, and metadata of another version would not be true. */
const inferRequests = {
  safe_regex: { regex: '/v2/models/[^/]+(/versions/[^/]+)?/infer' },
  headers: [{ name: ':method', string_match: { exact: 'POST' } }],
};

type Falling = Pick<Route, 'deployment' | 'backends' | 'fallback'>;

/** The budget where there is one and the server has not given up before. */
export const millisecondsFor = ({ fallback }: Pick<Falling, 'fallback'>, requestTimeoutSeconds: number): number =>
  Math.min(
    fallback?.afterMilliseconds ?? Number.POSITIVE_INFINITY,
    (requestTimeoutSeconds + timeoutMarginSeconds) * 1000,
  );

/** The candidate has its time, and then the live revision. */
function heldSeconds(route: Falling): number {
  return arrivalSeconds + Math.ceil((2 * millisecondsFor(route, slowestOf(route))) / 1000);
}

const slowestOf = ({ backends }: Pick<Falling, 'backends'>) =>
  Math.max(0, ...backends.map(({ requestTimeoutSeconds }) => requestTimeoutSeconds));

function contextOf(route: Falling): FallbackContext {
  const { deployment, fallback } = route;
  const live = liveBeside(route);
  return {
    ...(fallback?.staticAnswer === undefined ? {} : { static_answer: fallback.staticAnswer }),
    ...(live &&
      fallback?.live && {
        live: {
          revision: live.revision,
          ...(live.version === undefined ? {} : { version: live.version }),
          cluster: liveClusterName(deployment, live.revision),
          request_bytes: fallback.live.requestBytes,
          timeout_ms: millisecondsFor(route, live.requestTimeoutSeconds),
          held_seconds: heldSeconds(route),
        },
      }),
  };
}

/** Where predictions go when the route falls back. @param action where they go otherwise, within a time. */
export function fallbackActions(route: Falling, action: (milliseconds: number) => Action): Action[] {
  if (route.fallback === undefined) return [];
  const context = contextOf(route);
  return [
    {
      ...action(millisecondsFor(route, slowestOf(route))),
      match: inferRequests,
      ...(Object.keys(context).length > 0 && { typed_per_filter_config: fallingBack(context) }),
    },
  ];
}
