-- Lists the user's sessions. Returns {'listed', {{sid, {field, value, ...}}, ...}}.

local rows, missing = {}, {}
for _, sid in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. digits(now), '+inf')) do
  local n = key_of[sid]
  if not n then
    missing[#missing + 1] = sid
  else
    local record = redis.call('HGETALL', KEYS[n])
    if record[1] then
      rows[#rows + 1] = {sid, record}
    end
  end
end
if missing[1] then
  return {'undeclared', missing}
end
return {'listed', rows}
