// Answers at a gateway pod for a revision that failed, in Lua. What it does for a request is in the context of the route that
// the request took, so that one script serves all listeners. Objects of Envoy must not be used after a call that waits.
import { predictedHeader } from '@sluice/crds/contract.ts';
import { luaSet, luaText } from '../access/lua.ts';
import { answeredByHeaders } from '../answered-by.ts';

/** Where the script keeps what it needs of a request, and leaves who answered. No client can write there. */
export const fallbackMetadata = { namespace: 'sluice.fallback', answeredBy: 'answered_by' } as const;

/** Who answered instead, as the header says it and as it is counted. */
export const fallbackAnswers = { liveVersion: 'LiveVersion', staticAnswer: 'StaticAnswer' } as const;

/** Of such an answer: who gave it, and which revision had failed. */
export const fallbackHeaders = { by: 'sluice-fallback', failed: 'sluice-failed-revision' } as const;

/** Of one connection only, or set anew for each. */
const hopHeaders = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What stays of an answer that is replaced, and is taken from none that replaces it: the gateway's own. */
const gatewayHeaders = ['date', 'server', 'vary', ...Object.values(answeredByHeaders)];

/** What all requests together may have kept in each of Envoy's two threads: a pod that was given little memory has it. */
const mostHeldBytes = 32 * 1024 * 1024;

/** What a request takes beside its head and body. */
const bytesBeside = 512;

/** A request whose client left has no answer: what was kept of it is free when it must have ended. */
const holding = `
local held, heldBytes, lastId, sweptAt = {}, 0, 0, 0

local function release(id)
  if held[id] == nil then return end
  heldBytes = heldBytes - held[id].bytes
  held[id] = nil
end

-- At most once a second, however many come.
local function releaseEnded(now)
  if now == sweptAt then return end
  sweptAt = now
  for id, each in pairs(held) do
    if each.ends < now then release(id) end
  end
end

-- Nil when there is no room.
local function hold(bytes, seconds)
  local now = os.time()
  if heldBytes + bytes > mostHeldBytes then releaseEnded(now) end
  if heldBytes + bytes > mostHeldBytes then return nil end
  lastId = lastId + 1
  held[lastId] = {bytes = bytes, ends = now + seconds}
  heldBytes = heldBytes + bytes
  return lastId
end
`;

const settings = [
  `local namespace, answeredBy = '${fallbackMetadata.namespace}', '${fallbackMetadata.answeredBy}'`,
  `local liveVersion, staticAnswer = '${fallbackAnswers.liveVersion}', '${fallbackAnswers.staticAnswer}'`,
  `local byHeader, failedHeader = '${fallbackHeaders.by}', '${fallbackHeaders.failed}'`,
  `local revisionHeader, versionHeader = '${answeredByHeaders.revision}', '${answeredByHeaders.version}'`,
  `local ofHop = ${luaSet(hopHeaders)}`,
  `local ofGateway = ${luaSet([...gatewayHeaders, predictedHeader])}`,
  `local mostHeldBytes, bytesBeside = ${mostHeldBytes}, ${bytesBeside}`,
  `local noBody = ${luaText('')}`,
].join('\n');

const keeping = `
local function contextOf(handle)
  local context = {}
  for name, value in pairs(handle:filterContext()) do context[name] = value end
  return context
end

local function keep(handle, name, value)
  handle:streamInfo():dynamicMetadata():set(namespace, name, value)
end

-- The headers as lines, name and value in turn: neither holds the end of a line.
local function headOf(handle)
  local lines = {}
  for name, value in pairs(handle:headers()) do
    if not ofHop[name] then
      lines[#lines + 1] = name
      lines[#lines + 1] = value
    end
  end
  return table.concat(lines, '\\n') .. '\\n'
end

-- The body while it passes by; nil when it is larger than what is kept.
local function bodyOf(handle, most)
  local parts, bytes = {}, 0
  for chunk in handle:bodyChunks() do
    local length = chunk:length()
    bytes = bytes + length
    if bytes > most then parts = {} elseif length > 0 then parts[#parts + 1] = chunk:getBytes(0, length) end
  end
  return bytes <= most and table.concat(parts) or nil
end

-- What is kept ends at its first byte 0: that one, and the byte by which it is written, are written as two.
local function withoutZeros(text)
  return (text:gsub('[%z\\1]', {['\\0'] = '\\1\\1', ['\\1'] = '\\1\\2'}))
end

-- As much as it says that it has; what comes in chunks may be as large as is kept.
local function sizeOf(handle, most)
  local length = handle:headers():get('content-length')
  return length and tonumber(length) or most
end

function envoy_on_request(handle)
  local live = contextOf(handle).live
  keep(handle, 'asked', 'yes')
  local most = live and live.request_bytes or -1
  local bytes = sizeOf(handle, most)
  if bytes > most then return end
  local head = headOf(handle)
  local id = hold(bytes + #head + bytesBeside, live.held_seconds)
  if id == nil then return end
  keep(handle, 'held', id)
  keep(handle, 'head', head)
  local body = bodyOf(handle, most)
  if body ~= nil then keep(handle, 'body', withoutZeros(body)) end
end
`;

const answering = `
local function headersIn(head)
  local headers, name = {}, nil
  for line in head:gmatch('([^\\n]*)\\n') do
    if name == nil then name = line else headers[name], name = line, nil end
  end
  return headers
end

local function withZeros(text)
  return (text:gsub('\\1(.)', {['\\1'] = '\\0', ['\\2'] = '\\1'}))
end

-- A live revision of which nobody answers, that is too busy, or has no such version, has not answered.
local function isAnswer(status)
  return status ~= nil and status < 500 and status ~= 429 and status ~= 404
end

local function askLive(handle, live, kept)
  local options = {timeout_ms = live.timeout_ms, send_xff = false}
  local sent = {headersIn(kept.head), withZeros(kept.body), options}
  local asked, headers, body = pcall(handle.httpCall, handle, live.cluster, unpack(sent))
  if asked and isAnswer(tonumber(headers[':status'])) then return headers, body or noBody end
end

-- Nothing of the failed answer stays but what is the gateway's own.
local function replace(handle, headers, body)
  local own, names = handle:headers(), {}
  for name in pairs(own) do names[#names + 1] = name end
  for _, name in ipairs(names) do
    if name:sub(1, 1) ~= ':' and not ofGateway[name] then own:remove(name) end
  end
  for name, value in pairs(headers) do
    if not ofHop[name] and not ofGateway[name] and name:sub(1, 8) ~= 'x-envoy-' then own:replace(name, value) end
  end
  own:replace('content-length', tostring(#body))
  handle:body(true):setBytes(body)
end

-- Who answered is said, and who had failed.
local function sign(handle, by, failed, live)
  local own = handle:headers()
  own:remove(revisionHeader)
  own:remove(versionHeader)
  if live ~= nil then own:replace(revisionHeader, live.revision) end
  if live ~= nil and live.version ~= nil then own:replace(versionHeader, live.version) end
  if failed ~= nil then own:replace(failedHeader, failed) end
  own:replace(byHeader, by)
  keep(handle, answeredBy, by)
end

local staticHeaders = {[':status'] = '200', ['content-type'] = 'application/json'}

-- Who else has an answer gives it.
local function fallBack(handle, kept)
  local context, failed = contextOf(handle), handle:headers():get(revisionHeader)
  local live = context.live
  -- Only a body that has come can be replaced.
  handle:body(true)
  if live ~= nil and kept.body ~= nil and failed ~= live.revision then
    local headers, body = askLive(handle, live, kept)
    if headers ~= nil then
      replace(handle, headers, body)
      return sign(handle, liveVersion, failed, live)
    end
  end
  if context.static_answer == nil then return end
  replace(handle, staticHeaders, context.static_answer)
  sign(handle, staticAnswer, failed)
end

function envoy_on_response(handle)
  -- Requests that were refused before they got here have nothing there.
  local kept = handle:streamInfo():dynamicMetadata():get(namespace)
  if kept == nil then return end
  if tonumber(handle:headers():get(':status')) >= 500 then fallBack(handle, kept) end
  release(kept.held)
end
`;

export const fallbackScript: string = [settings, holding, keeping, answering].join('\n');
