// Who else answers when a revision has failed, in Lua. Objects of Envoy must not be used after a call that waits.

/** Needs what the script of keeping defines. */
export const answerScript = `
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
