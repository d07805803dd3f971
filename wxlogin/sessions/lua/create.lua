-- Creates a session: plans which sessions it ends, refuses or acts, all as one step.
-- ARGV: sid, idle deadline, device digest or '', carried sid or '', platform, single-device policy
-- ('off', 'all' or 'per-platform'), most sessions, overflow ('evict' or 'refuse'), grace in ms, then
-- the record's fields and values.
-- Returns {'created', the ids of the sessions that this ended}, {'blocked', why, until} or
-- {'full', most}.

local sid, deadline, device, carried = ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local platform, policy, most, overflow = ARGV[7], ARGV[8], tonumber(ARGV[9]), ARGV[10]
local grace = tonumber(ARGV[11])

local marks = redis.call('HMGET', mark, 'erased', 'banned', 'app')
if marks[1] then
  return {'blocked', 'erased', '0'}
elseif marks[2] and holds(marks[2]) then
  return {'blocked', 'banned', marks[2]}
elseif marks[3] then
  return {'blocked', 'app', '0'}
end
if redis.call('EXISTS', record(sid)) == 1 then
  return redis.error_reply('SESSIONEXISTS a session of this id is there')
end
forget_expired()

-- The plan: `taken` is the session whose place this one takes, `ending` are those that end at once,
-- `rest` those that stay, oldest first.
local taken, ending, rest = nil, {}, {}
if carried ~= '' and redis.call('ZSCORE', index, in_place_of(carried)) then
  taken = in_place_of(carried)
end
for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local of = redis.call('HMGET', record(other), 'device', 'platform', 'created')
  local same_device = device ~= '' and of[1] == device
  if other == taken or (same_device and not taken) then
    taken = other
  elseif same_device or policy == 'all' or (policy == 'per-platform' and of[2] == platform) then
    ending[#ending + 1] = other
  else
    rest[#rest + 1] = {sid = other, created = tonumber(of[3] or 0)}
  end
end
table.sort(rest, function(a, b)
  return a.created < b.created or (a.created == b.created and a.sid < b.sid)
end)
if #rest >= most and overflow == 'refuse' then
  return {'full', most}
end
for n = 1, #rest - most + 1 do
  ending[#ending + 1] = rest[n].sid
end

-- The replaced session leaves the index but answers for a while: requests are in flight.
if taken then
  local before = redis.call('HGET', record(taken), 'predecessor')
  if before then
    redis.call('DEL', record(before))
  end
  redis.call('HSET', record(taken), 'grace', digits(now + grace), 'successor', sid)
  redis.call('PEXPIRE', record(taken), grace)
  redis.call('ZREM', index, taken)
  bury(taken, 'replaced')
end
for _, other in ipairs(ending) do
  finish(other, 'replaced')
end

redis.call('HSET', record(sid), unpack(ARGV, 12))
if taken then
  redis.call('HSET', record(sid), 'predecessor', taken)
end
redis.call('PEXPIRE', record(sid), digits(deadline - now))
redis.call('ZADD', index, digits(deadline), sid)
keep_index(deadline)
ending[#ending + 1] = taken
return {'created', ending}
