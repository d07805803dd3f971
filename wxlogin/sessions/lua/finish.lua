-- Ends sessions. ARGV: scope ('one', 'others' or 'all'), sid, reason. Returns their ids.
-- A sid that was replaced means the session in its place: it is the same device's.

local scope, sid, reason = ARGV[3], in_place_of(ARGV[4]), ARGV[5]
local ended = {}
forget_expired()
for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  if scope == 'all' or (other == sid) == (scope == 'one') then
    finish(other, reason)
    ended[#ended + 1] = other
  end
end
return ended
