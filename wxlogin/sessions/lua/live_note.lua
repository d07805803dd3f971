-- Adds a new session. KEYS[1] is its shard. ARGV: login time in ms, entry, the login time that no
-- live session is older than, the shard's TTL in ms, then the entries of sessions that it ended.
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
for n = 5, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[n])
end
-- At most 20 each time, which is more than one login adds.
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', 0, 20)) do
  redis.call('ZREM', KEYS[1], old)
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
