-- Deletes a session_key that WeChat no longer accepts, if it is still the stored one.
-- KEYS[1] is the user's session_key, ARGV[1] its stamp.
if redis.call('HGET', KEYS[1], 'stamp') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
