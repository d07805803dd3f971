-- Stores the session_key that WeChat gave last; an answer older than the stored one is ignored.
-- For an erased user nothing is stored.
-- KEYS: the user's session_key, the user's mark, the index of the user's sessions. ARGV: the caller's
-- clock in ms, the stamp of the answer in ms, the sealed session_key, its digest, its life in ms, the
-- previous key's life in ms.
-- Returns {'kept', the time in ms until which the current key is stored or '0', the user's sessions}: a
-- login, which stores the key first, declares their records then.

local now, stamp, life = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[5])
if redis.call('HEXISTS', KEYS[2], 'erased') == 1 then
  return {'kept', '0', {}}
end
local sids = redis.call('ZRANGE', KEYS[3], 0, -1)
local stored = redis.call('HMGET', KEYS[1], 'stamp', 'current', 'until', 'digest')
if stored[1] and tonumber(stored[1]) > stamp then
  return {'kept', stored[3], sids}
end

-- Lua writes large numbers as 1.7e+12; Redis wants all digits.
local function digits(number)
  return string.format('%.0f', number)
end

-- WeChat often gives the same key again; then the previous one stays.
if stored[2] and stored[4] ~= ARGV[4] and tonumber(stored[3]) > now then
  local until_ms = math.min(now + tonumber(ARGV[6]), tonumber(stored[3]))
  redis.call('HSET', KEYS[1], 'previous', stored[2], 'previous_until', digits(until_ms))
end
redis.call('HSET', KEYS[1], 'stamp', digits(stamp), 'current', ARGV[3], 'until', digits(now + life),
  'digest', ARGV[4])
redis.call('PEXPIRE', KEYS[1], digits(life))
return {'kept', digits(now + life), sids}
