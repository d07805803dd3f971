-- Frees a code's mark if it is still this request's. KEYS[1] is the mark, ARGV[1] its owner.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
