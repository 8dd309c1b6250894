// The rules on access as filters of a listener, in the order in which a request meets them.
import type { KeptAccess } from './at-pod.ts';
import { callerScript } from './caller-script.ts';
import { rateLimitFilter } from './rate-limit.ts';
import { tokenFilter } from './token.ts';

const luaFilter = (script: string) => ({
  name: 'envoy.filters.http.lua',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
    default_source_code: { inline_string: script },
  },
});

/** Who asks, whether he may, and how often: what is refused here reaches neither the router nor its counters. */
export const accessFilters = (kept: KeptAccess): object[] => [
  ...(kept.access.jwt ? [tokenFilter(kept.access.jwt)] : []),
  luaFilter(callerScript(kept)),
  ...(kept.access.rateLimit ? [rateLimitFilter(kept.access.rateLimit)] : []),
];

const closedScript = `
function envoy_on_request(handle)
  handle:respond({[':status'] = '503', ['retry-after'] = '5'},
    'this gateway pod was started before the rules on access and is being replaced; ask again')
end
`;

/** Refuses everybody: for a pod that cannot check what the rules ask, since it has not the Secret. */
export const closedFilters = (): object[] => [luaFilter(closedScript)];
