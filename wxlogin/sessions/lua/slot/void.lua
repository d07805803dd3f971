-- Ends the sessions that began at or before a time, also those that others have replaced since and
-- that still work. ARGV: the time in ms, the note of each end. Returns {'ended', their ids}.

local missing = undeclared()
if missing[1] then
  return {'undeclared', missing}
end
local last = tonumber(ARGV[3])
delete_dead()
local ended = end_until(last, 'revoked', ARGV[4])
end_replaced_until(last)
if not ended[1] then
  touch()
end
return {'ended', ended}
