-- What the scripts on a user's slot share: each gets the parts of this text that it uses.
-- KEYS: the index, the tombstones, the mark, the session_key, then records of sessions and, for some
-- scripts, counters or the notes of what ended in this slot. ARGV: the caller's clock in ms, how long
-- a replaced session still works in ms.
--
-- Every key that a script touches is declared. Some servers refuse others, and some parse the script:
-- they want KEYS[...] after the name of each command and no `unpack`, so no variable holds a key.
-- A script that meets sessions whose records are not declared writes nothing and returns
-- {'undeclared', their ids}: the caller runs it again with these declared too.

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local TOMBSTONES, TOMBSTONE_MS, ENDINGS_MS = 20, 86400000, 86400000
local NOTES, NOTES_MS = 1000, 604800000

-- The position in KEYS of the record of a session.
local key_of = {}
for n = 5, #KEYS do
  local sid = string.match(KEYS[n], '}:s:(.+)$')
  if sid then
    key_of[sid] = n
  end
end

-- Returns the sessions of the user that are not declared, predecessors in their grace among them.
local function undeclared()
  local missing = {}
  for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local n = key_of[sid]
    if not n then
      missing[#missing + 1] = sid
    else
      local record = redis.call('HMGET', KEYS[n], 'predecessor', 'created')
      local predecessor, created = record[1], tonumber(record[2] or 0)
      if predecessor and not key_of[predecessor] and now < created + grace then
        missing[#missing + 1] = predecessor
      end
    end
  end
  return missing
end

-- Lua writes large numbers as 1.7e+12; Redis wants all digits.
local function digits(number)
  return string.format('%.0f', number)
end

-- Lets the index live as long as its longest session.
local function extend_index(deadline)
  local left = deadline - now
  if redis.call('PTTL', KEYS[1]) < left then
    redis.call('PEXPIRE', KEYS[1], digits(left))
  end
end

-- Deletes expired sessions, and entries of the index whose record is gone: Redis may have evicted it.
local function delete_dead()
  for _, sid in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', digits(now))) do
    local n = key_of[sid]
    redis.call('DEL', KEYS[n])
    redis.call('ZREM', KEYS[1], sid)
  end
  for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local n = key_of[sid]
    if redis.call('EXISTS', KEYS[n]) == 0 then
      redis.call('ZREM', KEYS[1], sid)
    end
  end
end

local function trim_tombstones()
  while redis.call('HLEN', KEYS[2]) > TOMBSTONES do
    local all, oldest, oldest_at = redis.call('HGETALL', KEYS[2]), nil, math.huge
    for n = 1, #all, 2 do
      local ended = tonumber(string.match(all[n + 1], '%d+$'))
      if ended < oldest_at then
        oldest, oldest_at = all[n], ended
      end
    end
    redis.call('HDEL', KEYS[2], oldest)
  end
end

local function write_tombstone(sid, reason)
  redis.call('HSET', KEYS[2], sid, reason .. ' ' .. digits(now))
  redis.call('PEXPIRE', KEYS[2], TOMBSTONE_MS)
  trim_tombstones()
end

-- Returns when a session began, in ms; 0 if its record does not say.
local function created_at(sid)
  local n = key_of[sid]
  local created = redis.call('HGET', KEYS[n], 'created')
  return tonumber(created or 0)
end

-- Notes that a session ended, for SQL, in one step with the end; never before it began, whichever
-- host's clock said so. Over the limit the oldest goes.
local function note_end(sid, note, began)
  local n = #KEYS
  while n > 4 and not string.match(KEYS[n], '}:ended$') do
    n = n - 1
  end
  if n == 4 or note == '' then
    return
  end
  if redis.call('ZCARD', KEYS[n]) >= NOTES then
    local oldest = redis.call('ZRANGE', KEYS[n], 0, 0)[1]
    redis.call('ZREM', KEYS[n], oldest)
  end
  redis.call('ZADD', KEYS[n], digits(math.max(now, began)), sid .. ' ' .. note)
  redis.call('PEXPIRE', KEYS[n], NOTES_MS)
end

-- Returns whether a newer change of this mark was here: SQL committed it after this one.
local function is_outdated(reason, version)
  local newest = redis.call('HGET', KEYS[3], reason .. '-version')
  return tonumber(newest or 0) > version
end

-- Keeps the version of a change of this mark. Version 0 has no order.
local function keep_version(reason, version, life)
  if version > 0 then
    redis.call('HSET', KEYS[3], reason .. '-version', digits(version))
    redis.call('PEXPIRE', KEYS[3], life)
  end
end

-- Writes, in a script that found nothing left to do. WAIT counts what its own connection wrote: so it
-- proves what an earlier run wrote whose answer was lost.
local function touch()
  redis.call('HSET', KEYS[3], 'touched', digits(now))
  if redis.call('PTTL', KEYS[3]) < 0 then
    redis.call('PEXPIRE', KEYS[3], 60000)
  end
end

-- Returns whether a ban until this time in ms is still in force; '0' has no end.
local function is_banned_until(till)
  return till == '0' or now < tonumber(till)
end

-- Gives the tombstones of a ban another reason: the ban ends at another time, or was lifted.
local function rewrite_banned(reason)
  local all = redis.call('HGETALL', KEYS[2])
  for n = 1, #all, 2 do
    if string.match(all[n + 1], '^banned') then
      local tombstone = reason .. string.match(all[n + 1], ' %d+$')
      redis.call('HSET', KEYS[2], all[n], tombstone)
    end
  end
end

-- Deletes the record of the session that this one replaced, if it is declared.
local function delete_predecessor(sid)
  local n = key_of[sid]
  local predecessor = redis.call('HGET', KEYS[n], 'predecessor')
  local position = predecessor and key_of[predecessor]
  if position then
    redis.call('DEL', KEYS[position])
  end
end

-- Ends a session at once, and its predecessor that is still in its grace.
local function end_session(sid, reason, note)
  local n, began = key_of[sid], created_at(sid)
  delete_predecessor(sid)
  redis.call('DEL', KEYS[n])
  redis.call('ZREM', KEYS[1], sid)
  write_tombstone(sid, reason)
  note_end(sid, note, began)
end

-- Ends the sessions that began at or before a time in ms; returns their ids.
local function end_until(last, reason, note)
  local ended = {}
  for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if created_at(sid) <= last then
      end_session(sid, reason, note)
      ended[#ended + 1] = sid
    end
  end
  return ended
end

-- Ends the sessions that began by then and were replaced by others that live: theirs is the grace.
local function end_replaced_until(last)
  for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local n = key_of[sid]
    local predecessor = redis.call('HGET', KEYS[n], 'predecessor')
    if predecessor and key_of[predecessor] and created_at(predecessor) <= last then
      delete_predecessor(sid)
    end
  end
end

-- Returns the successor of a session in its grace, else its own id.
local function current_sid(sid)
  local n = key_of[sid]
  local state = redis.call('HMGET', KEYS[n], 'successor', 'grace')
  if state[1] and now < tonumber(state[2]) then
    return state[1]
  end
  return sid
end
