-- Ends sessions. ARGV: scope ('one', 'others' or 'all'), sid or '', reason, the note of each end.
-- Returns {'ended', their ids}. The sid of a replaced session means its successor, on the same device.

local missing = undeclared()
if missing[1] then
  return {'undeclared', missing}
end
local scope, reason, note, ended = ARGV[3], ARGV[5], ARGV[6], {}
local sid = ARGV[4] ~= '' and current_sid(ARGV[4])
delete_dead()
for _, other in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if scope == 'all' or (other == sid) == (scope == 'one') then
    end_session(other, reason, note)
    ended[#ended + 1] = other
  end
end
-- A record that the index does not name is of a session that ended; it goes too.
local asked = key_of[ARGV[4]]
if scope ~= 'others' and asked then
  redis.call('DEL', KEYS[asked])
end
if not ended[1] then
  touch()
end
return {'ended', ended}
