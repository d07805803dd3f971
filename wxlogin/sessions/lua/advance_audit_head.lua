-- Keeps the head of the audit trail, unless a later one is kept. KEYS[1] is the head.
-- ARGV: number, mac, life in ms.
local kept = tonumber(redis.call('HGET', KEYS[1], 'number') or '0')
if tonumber(ARGV[1]) > kept then
  redis.call('HSET', KEYS[1], 'number', ARGV[1], 'mac', ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
