-- Spends a nonce: KEYS[1] its key; ARGV: the request's own random value, milliseconds to remember.
-- Returns 1 if the nonce is this request's, also when the request is here a second time.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
