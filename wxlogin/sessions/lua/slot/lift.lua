-- Takes one block of a user away, unless a newer change of it was here. ARGV: its reason, the TTL of
-- the mark in ms, the version of this change. Returns {'lifted', 1 if it was there, else 0}.

local reason, version = ARGV[3], tonumber(ARGV[5])
touch()
if is_outdated(reason, version) then
  return {'lifted', 0}
end
if reason == 'banned' then
  rewrite_banned('revoked')
end
keep_version(reason, version, ARGV[4])
return {'lifted', redis.call('HDEL', KEYS[3], reason)}
