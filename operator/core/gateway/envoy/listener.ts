// The port of a deployment as a listener of Envoy.
import type { Route } from '../routes.ts';
import type { AccessAtPod } from './access/at-pod.ts';
import { auditLog } from './access/audit.ts';
import { accessFilters, closedFilters } from './access/filters.ts';
import { rateLimitReply } from './access/rate-limit.ts';
import { everyAddress } from './address.ts';
import { answeredByFilter } from './answered-by.ts';
import { clientLimits } from './client-limits.ts';
import { connectionManager, router } from './connection-manager.ts';
import { corsFilter } from './cors.ts';
import { localReplies } from './local-replies.ts';
import { bufferFilter, chooseAnewFilter, headersByFront } from './request-limits.ts';
import { type EnvoyResource, fromStream, typeUrls } from './source.ts';
import { listenerStats } from './stat-names.ts';
import { type KeptTls, ownChains } from './tls/filter-chains.ts';

/** What comes after everything that may refuse a request. */
const lastFilters = [bufferFilter, chooseAnewFilter, answeredByFilter, router];

/** What the rules on access make of a listener; nothing where there are none. */
function ruled(atPod: AccessAtPod, deployment: string) {
  if (atPod === 'Open') return { http_filters: [corsFilter, ...lastFilters], local_reply_config: localReplies };
  if (atPod === 'Closed')
    return { http_filters: [corsFilter, ...closedFilters(), ...lastFilters], local_reply_config: localReplies };
  const { access } = atPod;
  const mappers = [...(access.rateLimit ? [rateLimitReply(access.rateLimit)] : []), ...localReplies.mappers];
  return {
    http_filters: [corsFilter, ...accessFilters(atPod), ...lastFilters],
    local_reply_config: { ...localReplies, mappers },
    ...(access.audit === 'Metadata' ? { access_log: [auditLog(deployment)] } : {}),
  };
}

type ListenerPlace = { readonly hasIpv6: boolean; readonly access: AccessAtPod; readonly tls: KeptTls | undefined };

/** The deployment's listener; its routes come by themselves. */
export function listener({ deployment, port }: Route, { hasIpv6, access, tls }: ListenerPlace): EnvoyResource {
  const http = connectionManager({
    stat_prefix: listenerStats(deployment),
    codec_type: 'AUTO',
    rds: { route_config_name: deployment, config_source: fromStream },
    ...ruled(access, deployment),
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
