// sha256 in Lua, for Envoy's Lua filter: LuaJIT has no digest of its own. FIPS 180-4, over the bit operations of LuaJIT.

/** Defines `sha256(text)`, which returns lower-case hex. The constants are what the standard says they are: parts of roots of primes. */
export const sha256Script = String.raw`
local bit = require('bit')
local band, bor, bxor, bnot = bit.band, bit.bor, bit.bxor, bit.bnot
local ror, shl, shr, tobit = bit.ror, bit.lshift, bit.rshift, bit.tobit

local rounds, start = {}, {}
do
  local function fraction(root) return tobit(math.floor((root % 1) * 2 ^ 32)) end
  local function isPrime(n)
    for divisor = 2, math.floor(math.sqrt(n)) do
      if n % divisor == 0 then return false end
    end
    return true
  end
  local n = 2
  while #rounds < 64 do
    if isPrime(n) then
      rounds[#rounds + 1] = fraction(n ^ (1 / 3))
      if #start < 8 then start[#start + 1] = fraction(n ^ 0.5) end
    end
    n = n + 1
  end
end

local function words(text, at)
  local w = {}
  for i = 1, 16 do
    local a, b, c, d = text:byte(at + 4 * i - 4, at + 4 * i - 1)
    w[i] = bor(shl(a, 24), shl(b, 16), shl(c, 8), d)
  end
  for i = 17, 64 do
    local x, y = w[i - 15], w[i - 2]
    local s0 = bxor(ror(x, 7), ror(x, 18), shr(x, 3))
    local s1 = bxor(ror(y, 17), ror(y, 19), shr(y, 10))
    w[i] = tobit(w[i - 16] + s0 + w[i - 7] + s1)
  end
  return w
end

local function digestBlock(state, w)
  local a, b, c, d, e, f, g, h = unpack(state)
  for i = 1, 64 do
    local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
    local t1 = h + s1 + bxor(band(e, f), band(bnot(e), g)) + rounds[i] + w[i]
    local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
    local t2 = s0 + bxor(band(a, b), band(a, c), band(b, c))
    h, g, f, e, d, c, b, a = g, f, e, tobit(d + t1), c, b, a, tobit(t1 + t2)
  end
  for i, value in ipairs({a, b, c, d, e, f, g, h}) do state[i] = tobit(state[i] + value) end
end

local function sha256(text)
  local bits = #text * 8
  local length = string.char(band(shr(bits, 24), 255), band(shr(bits, 16), 255), band(shr(bits, 8), 255), band(bits, 255))
  local padded = text .. '\128' .. ('\0'):rep((55 - #text) % 64 + 4) .. length
  local state = {unpack(start)}
  for at = 1, #padded, 64 do digestBlock(state, words(padded, at)) end
  local hex = {}
  for i = 1, 8 do hex[i] = bit.tohex(state[i]) end
  return table.concat(hex)
end
`;
