// Decides about each request at a gateway pod, in Lua: who asks, and whether he may.
import type { GatewayAccess } from '@sluice/crds/v1alpha1/gateway/gateway-access.ts';
import type { KeptAccess } from './at-pod.ts';
import { keyScript } from './key-script.ts';
import { luaSet, luaText } from './lua.ts';
import { sha256Script } from './sha256-script.ts';
import { tokenMetadata } from './token.ts';
import { rolesScript, tokenScript } from './token-script.ts';

/** Where the script leaves the caller for the filters behind it and for the audit line. No client can write there. */
export const callerMetadata = { namespace: 'sluice.access', key: 'caller' } as const;

/** Answered without a key: what load balancers ask, who have none. They tell no more than that something runs. */
export const openPaths = ['/v2/health/live', '/v2/health/ready'] as const;

const callerOfScript = `
local function callerOf(handle)
  local found = hasTokens and handle:streamInfo():dynamicMetadata():get(tokenNamespace) or nil
  local claims = found and found[claimsField]
  if type(claims) == 'table' then return callerOfClaims(claims) end
  local headers = handle:headers()
  local key = headers:get('x-api-key') or bearerOf(headers)
  if key == nil then return nil, missing end
  if hasKeys and nameOf(key) ~= nil then return callerOfKey(key) end
  local failure = failureOf(found)
  return nil, failure ~= nil and 'the token is refused: ' .. failure or unknown
end
`;

const decisionScript = `
local function decide(handle)
  local headers = handle:headers()
  local method, path = headers:get(':method'), headers:get(':path'):match('^[^?]*')
  if (method == 'GET' or method == 'HEAD') and open[path] then return end
  local caller, problem = callerOf(handle)
  if caller == nil then return 401, problem end
  handle:streamInfo():dynamicMetadata():set(namespace, callerKey, caller.name)
  if next(caller.roles) == nil then caller.roles = defaults end
  if not caller.roles.predict then
    return 403, caller.name .. ' has no role Predict: name it ' .. remedy
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

const missingWords = ({ apiKeys, jwt }: GatewayAccess) =>
  [
    ...(apiKeys ? ['no API key: send it as "Authorization: Bearer <key>" or as "x-api-key: <key>"'] : []),
    ...(jwt ? [`no token: send one of ${jwt.issuer} as "Authorization: Bearer <token>"`] : []),
  ].join(', or ');

const unknownWords = ({ apiKeys, jwt }: GatewayAccess) =>
  `unknown ${[...(apiKeys ? ['API key'] : []), ...(jwt ? ['token'] : [])].join(' or ')}`;

const remedyWords = ({ apiKeys, jwt }: GatewayAccess) =>
  [
    ...(apiKeys ? ['in the entry of the key'] : []),
    ...(jwt?.roleClaim === undefined ? [] : [`in the claim ${jwt.roleClaim}`]),
    'in access.roles of the ModelGateway',
  ].join(', or ');

/** What comes from the rules; the rest is the same for everybody. */
const settingsScript = ({ access, mounted }: KeptAccess) =>
  [
    `local hasKeys, hasTokens = ${access.apiKeys !== undefined}, ${access.jwt !== undefined}`,
    `local directory = ${luaText(mounted.keys)}`,
    `local roleClaim = ${luaText(access.jwt?.roleClaim)}`,
    `local tokenNamespace = '${tokenMetadata.namespace}'`,
    `local claimsField, failureField = '${tokenMetadata.claims}', '${tokenMetadata.failure}'`,
    `local missing = ${luaText(missingWords(access))}`,
    `local unknown = ${luaText(unknownWords(access))}`,
    `local remedy = ${luaText(remedyWords(access))}`,
    `local open = ${luaSet(openPaths)}`,
    `local defaults = ${luaSet(access.roles.map((role) => role.toLowerCase()))}`,
    `local namespace, callerKey = '${callerMetadata.namespace}', '${callerMetadata.key}'`,
  ].join('\n');

/** The whole script of a listener. */
export const callerScript = (kept: KeptAccess): string =>
  [settingsScript(kept), sha256Script, rolesScript, tokenScript, keyScript, callerOfScript, decisionScript].join('\n');
