-- Tries to write as a login does: servers before Redis 5.0 refuse it. KEYS[1] is the probe's own
-- hash. ARGV: a random value, its life in ms.
redis.call('HSET', KEYS[1], 'probe', ARGV[1], 'again', ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
