// Who a caller with a key is, in Lua. The hash is read from the mounted Secret at each request, so that a changed one holds as
// soon as the kubelet has written it.

/** Defines `nameOf(key)`, `callerOfKey(key)` and `bearerOf(headers)`. */
export const keyScript = `
-- The part of a key before its first dot.
local function nameOf(key)
  local name = key:match('^([a-z0-9][-a-z0-9]*)%.')
  return name ~= nil and #name <= 63 and name or nil
end

-- No file is looked for but the one that has this name.
local function entryOf(key)
  local name = nameOf(key)
  if name == nil then return nil end
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
  return {name = 'key:' .. name, roles = rolesIn(rest)}
end

local function bearerOf(headers)
  local scheme, token = (headers:get('authorization') or ''):match('^(%a+) +(%S+)$')
  return scheme ~= nil and scheme:lower() == 'bearer' and token or nil
end

`;
