-- Counts different members, nearly exactly, and ends with its window. KEYS[1] is the counter,
-- ARGV: life in ms, then the members.
for n = 2, #ARGV do
  redis.call('PFADD', KEYS[1], ARGV[n])
end
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return redis.call('PFCOUNT', KEYS[1])
