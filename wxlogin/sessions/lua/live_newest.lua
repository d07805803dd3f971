-- Returns a shard's newest entries, or those before a login time. KEYS[1] is the shard. ARGV: how
-- many, the time in ms or ''. The reply is {all entries of just that time, {entry, time, ...}}.
local limit, at = ARGV[1], ARGV[2]
if at == '' then
  return {{}, redis.call('ZREVRANGE', KEYS[1], 0, limit - 1, 'WITHSCORES')}
end
return {
  redis.call('ZRANGEBYSCORE', KEYS[1], at, at),
  redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. at, '-inf', 'WITHSCORES', 'LIMIT', 0, limit),
}
