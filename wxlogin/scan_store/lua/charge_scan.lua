-- Counts something of a scan that lives. KEYS: the record. ARGV: the caller's clock in ms, the field.
-- Returns {'counted', the count, {field, value, ...}} or {'expired'}.

local deadline = redis.call('HGET', KEYS[1], 'deadline')
if not deadline or tonumber(ARGV[1]) >= tonumber(deadline) then
  return {'expired'}
end
local before = redis.call('HGET', KEYS[1], ARGV[2])
local count = tonumber(before or 0) + 1
redis.call('HSET', KEYS[1], ARGV[2], count)
return {'counted', count, redis.call('HGETALL', KEYS[1])}
