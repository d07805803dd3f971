-- Reads one session and pushes its idle deadline out, once a minute.
-- The index is the truth: a session that it does not name has ended, whatever its record says. Redis
-- may have evicted the index, and then nothing could end its sessions any more. A replaced session is
-- not in it; it works in its grace while its successor is.
-- The request counts for the user of a live session: a dead token cannot use up its owner's limit.
-- KEYS: its record, then the user's counters. ARGV: sid, idle limit in ms, minimum of ms between two
-- renewals, the TTL of each counter in ms.
-- Returns {'live', session_key deadline, the counts, {field, value, ...}}, {'ended', reason, until}
-- or {'unknown'}.

local sid, idle, every = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local state = redis.call('HMGET', KEYS[5], 'seen', 'idle_deadline', 'deadline', 'grace', 'successor')
local seen, deadline, last = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
local grace_end = tonumber(state[4])
local indexed = redis.call('ZSCORE', KEYS[1], grace_end and state[5] or sid)

local function renew()
  local pushed = math.min(now + idle, last)
  redis.call('HSET', KEYS[5], 'seen', digits(now), 'idle_deadline', digits(pushed))
  redis.call('PEXPIRE', KEYS[5], digits(pushed - now))
  redis.call('ZADD', KEYS[1], 'XX', digits(pushed), sid)
  extend_index(pushed)
end

if seen and not indexed then
  redis.call('DEL', KEYS[5])
elseif seen and now < (grace_end or deadline) and now < last then
  if not grace_end and now - seen >= every then
    renew()
  end
  local counts = {}
  for n = 6, #KEYS do
    counts[n - 5] = redis.call('INCR', KEYS[n])
    if counts[n - 5] == 1 then
      redis.call('PEXPIRE', KEYS[n], ARGV[n])
    end
  end
  local key_until = redis.call('HGET', KEYS[4], 'until') or '0'
  return {'live', key_until, counts, redis.call('HGETALL', KEYS[5])}
end

local tombstone = redis.call('HGET', KEYS[2], sid)
if tombstone then
  local reason, till, ended = string.match(tombstone, '^(%a+):?(%d*) (%d+)$')
  if reason == 'banned' and not is_banned_until(till) then
    reason = 'revoked'
  end
  if now - tonumber(ended) < TOMBSTONE_MS then
    return {'ended', reason, till}
  end
end
return {'unknown'}
