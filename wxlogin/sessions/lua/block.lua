-- Marks the user's slot so that no login passes, and ends all sessions.
-- KEYS: the index, then what goes with the sessions. ARGV: why, until when in ms ('0': no end), the
-- mark's life in ms. Returns the ids of those that ended.

local why, till = ARGV[3], ARGV[4]
local reason = why == 'banned' and 'banned:' .. till or 'revoked'
redis.call('HSET', mark, why, till)
redis.call('PEXPIRE', mark, ARGV[5])
if why == 'banned' then
  retell_banned(reason)
end
forget_expired()
local ended = {}
for _, sid in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  finish(sid, reason)
  ended[#ended + 1] = sid
end
for n = 2, #KEYS do
  redis.call('DEL', KEYS[n])
end
return ended
