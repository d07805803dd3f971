-- Keeps the head of the audit trail, unless a later one is kept. KEYS[1] is the head.
-- ARGV: number, mac, seal, life in ms, 1 to keep it even then.
local kept = tonumber(redis.call('HGET', KEYS[1], 'number') or '0')
if ARGV[5] == '1' or tonumber(ARGV[1]) > kept then
  redis.call('HSET', KEYS[1], 'number', ARGV[1], 'mac', ARGV[2], 'seal', ARGV[3])
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
