-- Moves a scan to another state, if it is in one of those that lead there and has not ended.
-- KEYS: the record. ARGV: the caller's clock in ms, the states that lead there between blanks, the new
-- state, the app that it must be of or '', the user who moves it or '', then fields and values.
-- A scan that one user confirmed is moved by that user alone, and one that was used by the `owner` that
-- used it. Where the owner and the new state stand there already, the answer to this call was lost.
-- Returns {'moved' or 'stays', the state before, {field, value, ...}} or {'expired'}.

local found = redis.call('HMGET', KEYS[1], 'state', 'deadline', 'app', 'user', 'owner')
local state, deadline, app, user, owner = found[1], found[2], found[3], found[4], found[5]
if not deadline or tonumber(ARGV[1]) >= tonumber(deadline) or (ARGV[4] ~= '' and app ~= ARGV[4]) then
  return {'expired'}
end
local leads = string.find(ARGV[2], ' ' .. state .. ' ', 1, true)
local is_theirs = ARGV[5] == '' or not user or user == ARGV[5]
local is_owner = ARGV[6] == 'owner' and ARGV[7] == owner
local verdict = 'stays'
if is_owner and state == ARGV[3] then
  verdict = 'moved'
elseif leads and is_theirs and (is_owner or state ~= 'used') then
  verdict = 'moved'
  redis.call('HSET', KEYS[1], 'state', ARGV[3])
  for n = 6, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1])
  end
end
return {verdict, state, redis.call('HGETALL', KEYS[1])}
