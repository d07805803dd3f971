-- Lists the user's sessions. ARGV: the fields wanted. Returns {{sid, the fields' values}, ...}.

local rows = {}
for _, sid in ipairs(redis.call('ZRANGEBYSCORE', index, '(' .. digits(now), '+inf')) do
  local fields = redis.call('HMGET', record(sid), unpack(ARGV, 3))
  if fields[1] then
    rows[#rows + 1] = {sid, unpack(fields)}
  end
end
return rows
