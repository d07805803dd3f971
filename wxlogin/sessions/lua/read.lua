-- Reads one session and, once a minute, pushes its idle deadline out.
-- A live session's user is charged for the request: a dead token cannot spend its owner's limit.
-- KEYS: the index, then the user's counters. ARGV: sid, idle limit in ms, least ms between two
-- renewals, how long each counter lives in ms, then the fields wanted.
-- Returns {'live', session_key deadline, the counts, the fields' values}, {'ended', reason, until} or
-- {'unknown'}.

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
  local counts = {}
  for n = 2, #KEYS do
    counts[n - 1] = redis.call('INCR', KEYS[n])
    if counts[n - 1] == 1 then
      redis.call('PEXPIRE', KEYS[n], ARGV[4 + n])
    end
  end
  local fields = redis.call('HMGET', key, unpack(ARGV, 5 + #KEYS))
  return {'live', redis.call('HGET', slot .. 'k', 'until') or '0', counts, fields}
end

local grave = redis.call('HGET', tombstones, sid)
if grave then
  local reason, till, at = string.match(grave, '^(%a+):?(%d*) (%d+)$')
  if reason == 'banned' and not holds(till) then
    reason = 'revoked'
  end
  if now - tonumber(at) < TOMBSTONE_MS then
    return {'ended', reason, till}
  end
end
return {'unknown'}
