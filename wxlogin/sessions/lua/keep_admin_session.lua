-- Writes an admin's session record that is still there. KEYS[1] holds the admin's sessions.
-- ARGV: session id, record. A session that was ended meanwhile stays ended.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  return 1
end
return 0
