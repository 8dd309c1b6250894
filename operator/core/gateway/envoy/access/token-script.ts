// Who a caller with a token is, in Lua: from the claims that Envoy's own filter has found to be good.

/** Defines `rolesIn(value)`, the roles that a text or a list names, in small letters. */
export const rolesScript = `
-- Roles in a text with spaces, or in a list of texts; a word means the same in capitals.
local function rolesIn(value, roles)
  roles = roles or {}
  if type(value) == 'string' then
    for role in value:gmatch('[^%s,]+') do roles[role:lower()] = true end
  elseif type(value) == 'table' then
    for _, each in ipairs(value) do
      if type(each) == 'string' then rolesIn(each, roles) end
    end
  end
  return roles
end
`;

/** Defines `callerOfClaims(claims)` and `failureOf(found)`. */
export const tokenScript = `
-- A claim, by its whole name or, part by part, a claim in a claim.
local function claimIn(claims, name)
  if claims[name] ~= nil then return claims[name] end
  local value = claims
  for part in name:gmatch('[^.]+') do
    if type(value) ~= 'table' then return nil end
    value = value[part]
  end
  return value
end

local function callerOfClaims(claims)
  local subject = claims.sub
  if type(subject) ~= 'string' or subject == '' or #subject > 256 then return nil, 'the token has no subject (sub)' end
  return {name = 'sub:' .. subject, roles = roleClaim and rolesIn(claimIn(claims, roleClaim)) or {}}
end

-- Why Envoy took no token.
local function failureOf(found)
  local failure = found and found[failureField]
  return type(failure) == 'table' and failure.message or nil
end
`;
