-- Changes some fields of an admin's session record. KEYS[1]: the admin's sessions. ARGV: session id,
-- the changed fields as JSON. Returns the record, or nothing if the session was ended meanwhile: it
-- stays ended.
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then
  return false
end
local record = cjson.decode(text)
for name, value in pairs(cjson.decode(ARGV[2])) do
  record[name] = value
end
text = cjson.encode(record)
redis.call('HSET', KEYS[1], ARGV[1], text)
return text
