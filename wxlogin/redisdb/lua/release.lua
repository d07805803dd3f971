-- Deletes a lock or a mark if its owner still holds it. KEYS[1] is its key, ARGV[1] the owner.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
