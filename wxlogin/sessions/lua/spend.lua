-- Uses up a nonce or a code. KEYS[1] is its key. ARGV: a random value of the request, its TTL in ms.
-- Returns 1 if this request used it, now or in an attempt whose reply was lost, else 0.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
