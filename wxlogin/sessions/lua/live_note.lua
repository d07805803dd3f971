-- Notes a session that began. KEYS[1] is its shard. ARGV: login time in ms, entry, the time before
-- which no session began that still lives, the shard's life in ms, then entries that ended by it.
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
for n = 5, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[n])
end
-- A bounded number each time: a shard never has more of them than entries were noted.
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', 0, 20)) do
  redis.call('ZREM', KEYS[1], old)
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
