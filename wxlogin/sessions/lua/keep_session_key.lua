-- Keeps the session_key that WeChat gave last; an answer that is older than the kept one is ignored.
-- Of an erased user nothing is kept.
-- KEYS: the user's session_key, the user's mark. ARGV: the caller's clock in ms, the answer's stamp
-- in ms, the sealed session_key, its digest, its life in ms, the previous one's life in ms. Returns
-- the ms until which the key that counts is kept.

local key, now, stamp, life = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[5])
if redis.call('HEXISTS', KEYS[2], 'erased') == 1 then
  return '0'
end
local kept = redis.call('HMGET', key, 'stamp', 'current', 'until', 'digest')
if kept[1] and tonumber(kept[1]) > stamp then
  return kept[3]
end

-- Lua writes large numbers as 1.7e+12; Redis wants all digits.
local function digits(number)
  return string.format('%.0f', number)
end

-- WeChat often gives the same key again: then the previous one stays as it is.
if kept[2] and kept[4] ~= ARGV[4] and tonumber(kept[3]) > now then
  redis.call('HSET', key, 'previous', kept[2], 'previous_until',
    digits(math.min(now + tonumber(ARGV[6]), tonumber(kept[3]))))
end
redis.call('HSET', key, 'stamp', digits(stamp), 'current', ARGV[3], 'until', digits(now + life),
  'digest', ARGV[4])
redis.call('PEXPIRE', key, digits(life))
return digits(now + life)
