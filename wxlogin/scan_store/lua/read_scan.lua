-- Reads a scan. KEYS: the record. Returns {field, value, ...}, empty if there is none.

return redis.call('HGETALL', KEYS[1])
