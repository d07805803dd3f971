-- Stands before every other script: what all of them know of one user's slot.
-- KEYS[1] is the user's index. ARGV[1] is the slot's prefix, ARGV[2] the caller's clock in ms.
-- Further keys are made from the prefix; they share the hash tag and so the node of KEYS[1].

local slot, now = ARGV[1], tonumber(ARGV[2])
local index, tombstones, mark = KEYS[1], slot .. 'x', slot .. 'b'
local TOMBSTONES, TOMBSTONE_MS = 20, 86400000

local function record(sid)
  return slot .. 's:' .. sid
end

-- Lua writes large numbers as 1.7e+12; Redis wants all digits.
local function digits(number)
  return string.format('%.0f', number)
end

-- The index lives as long as its longest session.
local function keep_index(deadline)
  local left = deadline - now
  if redis.call('PTTL', index) < left then
    redis.call('PEXPIRE', index, digits(left))
  end
end

local function forget_expired()
  for _, sid in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', digits(now))) do
    redis.call('DEL', record(sid))
    redis.call('ZREM', index, sid)
  end
end

local function trim_tombstones()
  while redis.call('HLEN', tombstones) > TOMBSTONES do
    local all, oldest, oldest_at = redis.call('HGETALL', tombstones), nil, math.huge
    for n = 1, #all, 2 do
      local at = tonumber(string.match(all[n + 1], '%d+$'))
      if at < oldest_at then
        oldest, oldest_at = all[n], at
      end
    end
    redis.call('HDEL', tombstones, oldest)
  end
end

local function bury(sid, reason)
  redis.call('HSET', tombstones, sid, reason .. ' ' .. digits(now))
  redis.call('PEXPIRE', tombstones, TOMBSTONE_MS)
  trim_tombstones()
end

-- Whether a ban until this time in ms, or '0' for one without an end, holds.
local function holds(till)
  return till == '0' or now < tonumber(till)
end

-- Lets the tombstones of a ban give another reason: it ends at another time, or was lifted.
local function retell_banned(reason)
  local all = redis.call('HGETALL', tombstones)
  for n = 1, #all, 2 do
    if string.match(all[n + 1], '^banned') then
      redis.call('HSET', tombstones, all[n], reason .. string.match(all[n + 1], ' %d+$'))
    end
  end
end

-- Ends a session at once, and with it the predecessor that is still in its grace.
local function finish(sid, reason)
  local predecessor = redis.call('HGET', record(sid), 'predecessor')
  if predecessor then
    redis.call('DEL', record(predecessor))
  end
  redis.call('DEL', record(sid))
  redis.call('ZREM', index, sid)
  bury(sid, reason)
end

-- The session that stands in the place of this one: its successor where it was replaced.
local function in_place_of(sid)
  local state = redis.call('HMGET', record(sid), 'successor', 'grace')
  if state[1] and now < tonumber(state[2]) then
    return state[1]
  end
  return sid
end
