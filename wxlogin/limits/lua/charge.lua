-- Adds to a counter that ends with its window. KEYS[1] is the counter, ARGV: amount, life in ms.
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if count == tonumber(ARGV[1]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return count
