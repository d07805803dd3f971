-- Returns {'traced', 1 if a session was created else 0, which sessions its login ended}.
-- KEYS[5] is its record, KEYS[6] the endings of the user's logins. ARGV: sid.

local sid = ARGV[3]
local created = redis.call('EXISTS', KEYS[5]) == 1 or redis.call('HEXISTS', KEYS[2], sid) == 1
local endings = redis.call('HGET', KEYS[6], sid)
return {'traced', (created or endings) and 1 or 0, endings or ''}
