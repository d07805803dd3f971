-- Creates a session: decides which sessions it ends, then refuses the login or writes, atomically.
-- KEYS[5] is the new session's record; the last keys are the notes of what ended and, if wanted, the
-- endings of the user's logins. ARGV: sid, deadline, device digest or '', carried sid or '',
-- platform, single-device policy ('off', 'all' or 'per-platform'), maximum of sessions, overflow
-- ('evict' or 'refuse'), '1' if the last key shall say which sessions it ended, the sid of the session
-- that let this one in or '', the notes of the end of a session that is replaced and of one that is
-- evicted, then the record's fields and values.
-- A session that let another in does not end by it, and must live. Of web sessions a user has one.
-- Ids in the mark are newer than the record's, if their version is: SQL changed them meanwhile.
-- Returns {'created', the sessions that it ended, each as `replaced:id` or `evicted:id`},
-- {'blocked', reason, until}, {'full', the maximum} or {'ended', 'revoked', ''} if the session that
-- lets it in has ended.

local sid, deadline, device, carried = ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local platform, policy, max_sessions, overflow = ARGV[7], ARGV[8], tonumber(ARGV[9]), ARGV[10]
local note_endings, approving = ARGV[11] == '1', ARGV[12]
local note_of = {replaced = ARGV[13], evicted = ARGV[14]}

local marks = redis.call('HMGET', KEYS[3], 'erased', 'banned', 'app')
if marks[1] then
  return {'blocked', 'erased', '0'}
elseif marks[2] and is_banned_until(marks[2]) then
  return {'blocked', 'banned', marks[2]}
elseif marks[3] then
  return {'blocked', 'app', '0'}
end
if redis.call('EXISTS', KEYS[5]) == 1 then
  return redis.error_reply('SESSIONEXISTS a session of this id is there')
end
local missing = undeclared()
if missing[1] then
  return {'undeclared', missing}
end
delete_dead()

if approving ~= '' then
  approving = current_sid(approving)
  local n = key_of[approving]
  if not redis.call('ZSCORE', KEYS[1], approving) or redis.call('HGET', KEYS[n], 'platform') == 'web' then
    return {'ended', 'revoked', ''}
  end
end

-- `replaced` is the session that this one replaces, `ending` are those that end at once, `rest` those
-- that stay, oldest first; `spared` is how many stay whatever the policy says.
local replaced, ending, rest, spared = nil, {}, {}, 0
local carried_current = carried ~= '' and current_sid(carried)
if carried_current and redis.call('ZSCORE', KEYS[1], carried_current) then
  replaced = carried_current
end
for _, other in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local n = key_of[other]
  local record = redis.call('HMGET', KEYS[n], 'device', 'platform', 'created')
  local same_device = device ~= '' and record[1] == device
  local both_web = platform == 'web' and record[2] == 'web'
  if other == approving then
    spared = 1
  elseif other == replaced or (same_device and not replaced) then
    replaced = other
  elseif same_device or both_web or policy == 'all' or (policy == 'per-platform' and record[2] == platform) then
    ending[#ending + 1] = other
  else
    rest[#rest + 1] = {sid = other, created = tonumber(record[3] or 0)}
  end
end
table.sort(rest, function(a, b)
  return a.created < b.created or (a.created == b.created and a.sid < b.sid)
end)
local over = #rest + spared - max_sessions + 1
if over > 0 and (overflow == 'refuse' or over > #rest) then
  return {'full', max_sessions}
end
local endings, evicted = {}, {}
if replaced then
  endings[1] = 'replaced:' .. replaced
end
for _, other in ipairs(ending) do
  endings[#endings + 1] = 'replaced:' .. other
end
for n = 1, over do
  evicted[n] = rest[n].sid
  endings[#endings + 1] = 'evicted:' .. rest[n].sid
end
local last = #KEYS
if note_endings and endings[1] then
  redis.call('HSET', KEYS[last], sid, table.concat(endings, ' '))
  redis.call('PEXPIRE', KEYS[last], ENDINGS_MS)
end

-- The replaced session leaves the index but works for a while: its requests are in flight.
if replaced then
  local n = key_of[replaced]
  delete_predecessor(replaced)
  redis.call('HSET', KEYS[n], 'grace', digits(now + grace), 'successor', sid)
  redis.call('PEXPIRE', KEYS[n], digits(grace))
  redis.call('ZREM', KEYS[1], replaced)
  write_tombstone(replaced, 'replaced')
  note_end(replaced, note_of.replaced, created_at(replaced))
end
for _, other in ipairs(ending) do
  end_session(other, 'replaced', note_of.replaced)
end
for _, other in ipairs(evicted) do
  end_session(other, 'replaced', note_of.evicted)
end

for n = 15, #ARGV, 2 do
  redis.call('HSET', KEYS[5], ARGV[n], ARGV[n + 1])
end
local ids = redis.call('HMGET', KEYS[3], 'ids-version', 'person', 'external_id')
local version = redis.call('HGET', KEYS[5], 'ids_version')
if ids[1] and ids[2] and ids[3] and tonumber(ids[1]) > tonumber(version or 0) then
  redis.call('HSET', KEYS[5], 'person', ids[2], 'external_id', ids[3])
end
if replaced then
  redis.call('HSET', KEYS[5], 'predecessor', replaced)
end
redis.call('PEXPIRE', KEYS[5], digits(deadline - now))
redis.call('ZADD', KEYS[1], digits(deadline), sid)
extend_index(deadline)
return {'created', endings}
