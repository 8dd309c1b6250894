// Decides about each request at a gateway pod, in Lua: who asks, and whether he may. The keys' hashes are read from the
// mounted Secret at each request, so that a changed one holds as soon as the kubelet has written it.
import type { KeptAccess } from './at-pod.ts';
import { sha256Script } from './sha256-script.ts';

/** Where the script leaves the caller for the filters behind it and for the audit line. No client can write there. */
export const callerMetadata = { namespace: 'sluice.access', key: 'caller' } as const;

/** Answered without a key: what load balancers ask, who have none. They tell no more than that something runs. */
export const openPaths = ['/v2/health/live', '/v2/health/ready'] as const;

const tableOf = (names: readonly string[]) => `{${names.map((name) => `['${name}'] = true`).join(', ')}}`;

const keyScript = `
-- The entry's name is the part of a key before its first dot: no file is looked for but that one.
local function entryOf(key)
  local name = key:match('^([a-z0-9][-a-z0-9]*)%.')
  if name == nil or #name > 63 then return nil end
  local file = io.open(directory .. '/' .. name, 'r')
  if file == nil then return nil end
  local text = file:read(4096)
  file:close()
  return name, text or ''
end

local function callerOfKey(key)
  if #key > 512 then return nil, 'unknown API key' end
  local name, text = entryOf(key)
  if name == nil then return nil, 'unknown API key' end
  local digest, rest = text:match('^%s*sha256:(%x+)(.*)$')
  if digest == nil or #digest ~= 64 then
    return nil, 'the entry of this API key cannot be read: it must be sha256:<64 hex digits> <roles>'
  end
  if digest:lower() ~= sha256(key) then return nil, 'unknown API key' end
  local roles = {}
  for role in rest:gmatch('%a+') do roles[role] = true end
  return {name = 'key:' .. name, roles = roles}
end

local function bearerOf(headers)
  local scheme, token = (headers:get('authorization') or ''):match('^(%a+) +(%S+)$')
  return scheme ~= nil and scheme:lower() == 'bearer' and token or nil
end

local function callerOf(headers)
  local key = headers:get('x-api-key') or bearerOf(headers)
  if key == nil then
    return nil, 'no API key: send it as "Authorization: Bearer <key>" or as "x-api-key: <key>"'
  end
  return callerOfKey(key)
end
`;

const decisionScript = `
local function decide(handle)
  local headers = handle:headers()
  local method, path = headers:get(':method'), headers:get(':path'):match('^[^?]*')
  if (method == 'GET' or method == 'HEAD') and open[path] then return end
  local caller, problem = callerOf(headers)
  if caller == nil then return 401, problem end
  handle:streamInfo():dynamicMetadata():set(namespace, callerKey, caller.name)
  if next(caller.roles) == nil then caller.roles = defaults end
  if not caller.roles.Predict then
    return 403, caller.name .. ' has no role Predict: name it in the entry of the key, or in access.roles of the ModelGateway'
  end
end

function envoy_on_request(handle)
  local decided, status, problem = pcall(decide, handle)
  if not decided then
    handle:logErr('access: ' .. tostring(status))
    status, problem = 503, 'the gateway cannot check who asks; see its log'
  end
  if status ~= nil then
    local answer = {[':status'] = tostring(status)}
    if status == 401 then answer['www-authenticate'] = 'Bearer realm="sluice"' end
    handle:respond(answer, problem)
  end
  handle:headers():remove('authorization')
  handle:headers():remove('x-api-key')
end
`;

/** What comes from the rules; the rest is the same for everybody. */
const settingsScript = ({ access, mounted }: KeptAccess) =>
  [
    `local directory = '${mounted.keys}'`,
    `local open = ${tableOf(openPaths)}`,
    `local defaults = ${tableOf(access.roles)}`,
    `local namespace, callerKey = '${callerMetadata.namespace}', '${callerMetadata.key}'`,
  ].join('\n');

/** The whole script of a listener. */
export const callerScript = (kept: KeptAccess): string =>
  [settingsScript(kept), sha256Script, keyScript, decisionScript].join('\n');
