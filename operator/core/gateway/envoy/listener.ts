// The port of a deployment as a listener of Envoy.
import type { Route } from '../routes.ts';
import type { AccessAtPod } from './access/at-pod.ts';
import { auditLog } from './access/audit.ts';
import { accessFilters, closedFilters } from './access/filters.ts';
import { rateLimitReply } from './access/rate-limit.ts';
import { everyAddress } from './address.ts';
import { answeredByFilter } from './answered-by.ts';
import { connectionManager, router } from './connection-manager.ts';
import { corsFilter } from './cors.ts';
import { fallbackFilter, fallbackLogs } from './fallback/filter.ts';
import { clientLimits } from './limits/client-limits.ts';
import { bufferFilter, chooseAnewFilter, headersByFront } from './limits/request-limits.ts';
import { localReplies } from './local-replies.ts';
import { type EnvoyResource, fromStream, typeUrls } from './source.ts';
import { listenerStats } from './stat-names.ts';
import { type KeptTls, ownChains } from './tls/filter-chains.ts';

/** What comes after everything that may refuse a request. */
const lastFilters = ({ fallback }: Route) => [
  ...[bufferFilter, chooseAnewFilter],
  ...(fallback ? [fallbackFilter] : []),
  answeredByFilter,
  router,
];

/** What the rules on access make of a listener; nothing where there are none. */
function ruled(atPod: AccessAtPod) {
  if (atPod === 'Open') return { filters: [], mappers: localReplies.mappers, logs: [] };
  if (atPod === 'Closed') return { filters: closedFilters(), mappers: localReplies.mappers, logs: [] };
  const { rateLimit, audit } = atPod.access;
  return {
    filters: accessFilters(atPod),
    mappers: [...(rateLimit ? [rateLimitReply(rateLimit)] : []), ...localReplies.mappers],
    logs: audit === 'Metadata' ? [auditLog] : [],
  };
}

type ListenerPlace = { readonly hasIpv6: boolean; readonly access: AccessAtPod; readonly tls: KeptTls | undefined };

/** The deployment's listener; its routes come by themselves. */
export function listener(route: Route, { hasIpv6, access, tls }: ListenerPlace): EnvoyResource {
  const { deployment, port } = route;
  const { filters, mappers, logs } = ruled(access);
  const accessLog = [...logs.map((log) => log(deployment)), ...(route.fallback ? fallbackLogs(deployment) : [])];
  const http = connectionManager({
    stat_prefix: listenerStats(deployment),
    codec_type: 'AUTO',
    rds: { route_config_name: deployment, config_source: fromStream },
    http_filters: [corsFilter, ...filters, ...lastFilters(route)],
    local_reply_config: { ...localReplies, mappers },
    ...(accessLog.length > 0 && { access_log: accessLog }),
    ...clientLimits({ defaultHost: deployment, moreHeaders: headersByFront }),
    generate_request_id: false,
    drain_timeout: '5s',
  });
  return {
    '@type': typeUrls.listeners,
    name: deployment,
    address: everyAddress(port, hasIpv6),
    filter_chains: ownChains([http], tls),
  };
}
