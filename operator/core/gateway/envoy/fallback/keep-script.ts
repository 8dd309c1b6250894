// What is kept of a request while it passes by, in Lua, so that it can be asked again.

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

/** Defines `keep(handle, name, value)`, `contextOf(handle)` and what is done with requests. */
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

export const keepScript: string = [holding, keeping].join('\n');
