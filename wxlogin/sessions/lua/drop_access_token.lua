-- Drops an access_token if it is still the one that failed. KEYS[1] holds it, ARGV[1] its digest.
if redis.call('HGET', KEYS[1], 'digest') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
