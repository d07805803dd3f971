-- Forgets which sessions a login ended. KEYS[6] has the endings of the user's logins. ARGV: sid.

return redis.call('HDEL', KEYS[6], ARGV[3])
