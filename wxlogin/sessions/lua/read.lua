-- Reads one session and, once a minute, pushes its idle deadline out.
-- ARGV: sid, idle limit in ms, least ms between two renewals, then the fields wanted.
-- Returns {'live', session_key deadline, the fields' values} or {'ended', reason} or {'unknown'}.

local sid, idle, every = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local key = record(sid)
local state = redis.call('HMGET', key, 'seen', 'idle_deadline', 'deadline', 'grace')
local seen, deadline, last = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
local grace = tonumber(state[4])

local function renew()
  local pushed = math.min(now + idle, last)
  redis.call('HSET', key, 'seen', digits(now), 'idle_deadline', digits(pushed))
  redis.call('PEXPIRE', key, digits(pushed - now))
  redis.call('ZADD', index, 'XX', digits(pushed), sid)
  keep_index(pushed)
end

if seen and now < (grace or deadline) and now < last then
  if not grace and now - seen >= every then
    renew()
  end
  local fields = redis.call('HMGET', key, unpack(ARGV, 6))
  return {'live', redis.call('HGET', slot .. 'k', 'until') or '0', unpack(fields)}
end

local grave = redis.call('HGET', tombstones, sid)
if grave then
  local reason, at = string.match(grave, '^(%a+) (%d+)$')
  if now - tonumber(at) < TOMBSTONE_MS then
    return {'ended', reason}
  end
end
return {'unknown'}
