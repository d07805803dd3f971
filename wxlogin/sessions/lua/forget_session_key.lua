-- Forgets a session_key that does not hold any more, if it is still the kept one.
-- KEYS[1] is the user's session_key, ARGV[1] the stamp under which it was kept.
if redis.call('HGET', KEYS[1], 'stamp') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
