-- Returns how many entries the shard KEYS[1] has.
return redis.call('ZCARD', KEYS[1])
