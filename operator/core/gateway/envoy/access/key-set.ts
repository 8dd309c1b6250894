// The issuer's key set, as Envoy can follow it: its filter for tokens reads a file once and asks a server again and again, so the
// mounted file is served to it, by a listener of its own on the loopback of the pod.
import { connectionManager, plainRouter } from '../connection-manager.ts';
import { type EnvoyResource, typeUrls } from '../source.ts';
import { luaText } from './lua.ts';

/** Port of the listener in a gateway pod; nobody else can reach it. */
const keySetPort = 9904;

/** Name of the listener and of the cluster that leads to it. No ModelDeployment can have it. */
const keySetName = 'sluice_jwks';

/** A changed Secret is followed within this time after the kubelet has written it. */
const followSeconds = 5;

/** Where the filter asks. It need not wait for its first answer: until then it knows no token. */
export const keySetSource = {
  http_uri: { uri: `http://127.0.0.1:${keySetPort}/`, cluster: keySetName, timeout: '1s' },
  cache_duration: `${followSeconds}s`,
  async_fetch: { fast_listener: true },
};

const script = (directory: string) => `
local path = ${luaText(`${directory}/jwks.json`)}
function envoy_on_request(handle)
  local file = io.open(path, 'r')
  local text = file and file:read('*a')
  if file then file:close() end
  if not text then return handle:respond({[':status'] = '404'}, 'no jwks.json in the Secret') end
  handle:respond({[':status'] = '200', ['content-type'] = 'application/json'}, text)
end
`;

const filters = (directory: string) => [
  {
    name: 'envoy.filters.http.lua',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
      default_source_code: { inline_string: script(directory) },
    },
  },
  plainRouter,
];

const address = { socket_address: { address: '127.0.0.1', port_value: keySetPort } };

/** @param directory where the Secret is mounted. */
export const keySetListener = (directory: string): EnvoyResource => ({
  '@type': typeUrls.listeners,
  name: keySetName,
  address,
  filter_chains: [
    {
      filters: [
        connectionManager({
          stat_prefix: keySetName,
          route_config: { virtual_hosts: [{ name: keySetName, domains: ['*'] }] },
          http_filters: filters(directory),
        }),
      ],
    },
  ],
});

export const keySetCluster: EnvoyResource = {
  '@type': typeUrls.clusters,
  name: keySetName,
  type: 'STATIC',
  connect_timeout: '1s',
  load_assignment: {
    cluster_name: keySetName,
    endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
  },
};
