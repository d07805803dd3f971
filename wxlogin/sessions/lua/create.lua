-- Creates a session, takes the places it is to take and ends what is over the limit, as one step.
-- ARGV: sid, idle deadline, most sessions, grace in ms, device digest or '', carried sid or '',
-- then the record's fields and values. Returns {'created', how many sessions this ended} or
-- {'blocked', why}.

local sid, deadline, most = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local grace, device, carried = tonumber(ARGV[6]), ARGV[7], ARGV[8]

local blocked = redis.call('GET', slot .. 'b')
if blocked then
  return {'blocked', blocked}
end
if redis.call('EXISTS', record(sid)) == 1 then
  return redis.error_reply('SESSIONEXISTS a session of this id is there')
end
forget_expired()

-- The replaced session leaves the index but answers for a while: requests are in flight.
local function replace(old)
  local before = redis.call('HGET', record(old), 'predecessor')
  if before then
    redis.call('DEL', record(before))
  end
  redis.call('HSET', record(old), 'grace', digits(now + grace), 'successor', sid)
  redis.call('PEXPIRE', record(old), grace)
  redis.call('ZREM', index, old)
  bury(old, 'replaced')
end

local function place_to_take()
  if carried ~= '' and redis.call('ZSCORE', index, in_place_of(carried)) then
    return in_place_of(carried)
  end
  return nil
end

local taken, ended = place_to_take(), 0
if device ~= '' then
  for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if other ~= taken and redis.call('HGET', record(other), 'device') == device then
      if taken then
        finish(other, 'replaced')
        ended = ended + 1
      else
        taken = other
      end
    end
  end
end
if taken then
  replace(taken)
  ended = ended + 1
end

local function oldest()
  local found, found_at = nil, nil
  for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    local at = tonumber(redis.call('HGET', record(other), 'created') or 0)
    if not found or at < found_at or (at == found_at and other < found) then
      found, found_at = other, at
    end
  end
  return found
end

while redis.call('ZCARD', index) >= most do
  finish(oldest(), 'replaced')
  ended = ended + 1
end

redis.call('HSET', record(sid), unpack(ARGV, 9))
if taken then
  redis.call('HSET', record(sid), 'predecessor', taken)
end
redis.call('PEXPIRE', record(sid), digits(deadline - now))
redis.call('ZADD', index, digits(deadline), sid)
keep_index(deadline)
return {'created', ended}
