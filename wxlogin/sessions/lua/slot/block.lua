-- Blocks the user's logins and ends all sessions; an erased user's session_key and ids go too.
-- KEYS: records, the notes of what ended, and further keys to delete. ARGV: reason, until when in ms
-- ('0': no end), the TTL of the mark in ms, the version of this change, the time in ms before which
-- sessions are void, the note of each end ('': none).
-- Where a newer change was here, the mark stays as that left it, and sessions that began since stay.
-- Returns {'ended', the ids of the ended sessions}.

local reason, till, version = ARGV[3], ARGV[4], tonumber(ARGV[6])
local outdated = is_outdated(reason, version)
local epitaph, last = 'revoked', math.huge
local missing = undeclared()
if missing[1] then
  return {'undeclared', missing}
end
if outdated then
  last = tonumber(ARGV[7])
  touch()
else
  redis.call('HSET', KEYS[3], reason, till)
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
  keep_version(reason, version, ARGV[5])
  if reason == 'banned' then
    epitaph = 'banned:' .. till
    rewrite_banned(epitaph)
  end
end
if reason == 'erased' then
  redis.call('DEL', KEYS[4])
  redis.call('HDEL', KEYS[3], 'person', 'external_id', 'ids-version')
end
delete_dead()
local ended = end_until(last, epitaph, ARGV[8])
if outdated then
  end_replaced_until(last)
end
for n = 5, #KEYS do
  if not string.match(KEYS[n], '}:s:') and not string.match(KEYS[n], '}:ended$') then
    redis.call('DEL', KEYS[n])
  end
end
return {'ended', ended}
