// Who gets which share of a deployment's requests, as a route configuration of Envoy.
import { predictedHeader } from '@sluice/crds/contract.ts';
import { revisionName } from '../../names.ts';
import { timeoutMarginSeconds } from '../../traffic/time-limits.ts';
import type { Route } from '../routes.ts';
import type { AccessAtPod } from './access/at-pod.ts';
import { answeredBy, askedOf } from './answered-by.ts';
import { corsOf, readableByPages } from './cors.ts';
import { fallbackActions } from './fallback/routes.ts';
import { limitedRoutes } from './limits/request-limits.ts';
import { type EnvoyResource, typeUrls } from './source.ts';

const inSeconds = (milliseconds: number) => `${milliseconds / 1000}s`;

/**
 * Only failures before the server took the request are tried again, on another pod: nothing is computed twice. Each try has a
 * limit of its own: Envoy forgets that of the route when a body ends while it waits to try again, and does not take an equal one.
 */
const retryWithin = (milliseconds: number) => ({
  per_try_timeout: inSeconds(milliseconds - 1),
  retry_on: 'connect-failure,refused-stream,reset-before-request',
  num_retries: 3,
  retry_host_predicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      },
    },
  ],
  host_selection_retry_max_attempts: 5,
});

/** No cluster has this name, and no revision can have it: Envoy answers 503 by itself, and counts that as its own failure. */
const toNobody = {
  match: { prefix: '/' },
  route: { cluster: 'sluice_nobody', cluster_not_found_response_code: 'SERVICE_UNAVAILABLE' },
};

/**
 * Asks who comes to a pod that is closed to ask again. New connections meet the listener's own answer before this; one from
 * before the listener was closed meets this, and is closed with it. A 503 here would count as one that the gateway failed.
 */
const askAgain = { match: { prefix: '/' }, redirect: { response_code: 'TEMPORARY_REDIRECT' } };

/** The deployment's route configuration: its shares, or the gateway's own answer while nothing serves. */
export function routeConfiguration(entry: Route, access: AccessAtPod): EnvoyResource {
  const { deployment, backends, cors } = entry;
  const serving = backends.filter(({ percent }) => percent > 0);
  const slowest = Math.max(0, ...backends.map(({ requestTimeoutSeconds }) => requestTimeoutSeconds));
  const clusters = serving.map((backend) => ({
    name: revisionName(deployment, backend.revision),
    weight: backend.percent,
    typed_per_filter_config: askedOf(backend),
  }));
  const toServers = (milliseconds: number) => ({
    route: {
      weighted_clusters: { clusters },
      timeout: inSeconds(milliseconds),
      retry_policy: retryWithin(milliseconds),
    },
  });
  const usual = toServers((slowest + timeoutMarginSeconds) * 1000);
  const shares =
    serving.length > 0
      ? limitedRoutes({ backends }, [...fallbackActions(entry, toServers), usual])
      : [...fallbackActions(entry, () => toNobody), toNobody];
  const routes = access === 'Closed' ? [askAgain] : readableByPages(cors, shares);
  return {
    '@type': typeUrls.routes,
    name: deployment,
    response_headers_to_add: answeredBy,
    // For the gateway's counters only.
    response_headers_to_remove: [predictedHeader],
    virtual_hosts: [{ name: deployment, domains: ['*'], routes, ...corsOf(cors) }],
  };
}
