-- Removes entries from the shard KEYS[1]. ARGV: the entries.
for _, entry in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], entry)
end
return #ARGV
