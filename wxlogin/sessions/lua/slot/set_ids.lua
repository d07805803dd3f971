-- Gives the user's sessions the ids that SQL has committed, unless a newer change of them was here; a
-- login that had read the ids before finds them in the mark. ARGV: the version of the ids, the person,
-- the team's own id or '', the TTL of the mark in ms. Returns {'set', how many sessions have them}.

local version, person, external_id = tonumber(ARGV[3]), ARGV[4], ARGV[5]
if redis.call('HEXISTS', KEYS[3], 'erased') == 1 or is_outdated('ids', version) then
  return {'set', 0}
end
local missing = undeclared()
if missing[1] then
  return {'undeclared', missing}
end
if version > 0 then
  redis.call('HSET', KEYS[3], 'person', person, 'external_id', external_id)
  keep_version('ids', version, ARGV[6])
end
local count = 0
for n = 5, #KEYS do
  if redis.call('EXISTS', KEYS[n]) == 1 then
    redis.call('HSET', KEYS[n], 'person', person, 'external_id', external_id)
    count = count + 1
  end
end
return {'set', count}
