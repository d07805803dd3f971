-- Writes fields of a hash and sets its TTL. KEYS[1] is the hash. ARGV: its TTL in ms, then fields
-- and values.
for n = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
