-- Deletes an access_token if it is still the one that failed. KEYS[1]: the token's key.
-- ARGV[1]: the digest of the token that failed. Returns how many keys were deleted.
if redis.call('HGET', KEYS[1], 'digest') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
