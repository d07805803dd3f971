-- Marks the user's slot so that no login passes, and ends all sessions.
-- ARGV: why, the mark's life in ms. Returns how many sessions ended.

redis.call('SET', slot .. 'b', ARGV[3], 'PX', ARGV[4])
forget_expired()
local ended = 0
for _, sid in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  finish(sid, 'revoked')
  ended = ended + 1
end
return ended
