-- Writes the record of a scan that begins. KEYS: the record.
-- ARGV: its secret's digest, its life in ms, then fields and values.
-- Returns 1; 0 if another scan has this id. Run again after a lost answer it finds its own.

local secret = redis.call('HGET', KEYS[1], 'secret')
if secret then
  return secret == ARGV[1] and 1 or 0
end
for n = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
