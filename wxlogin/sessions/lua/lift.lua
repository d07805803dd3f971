-- Takes one mark away: logins pass again. ARGV: why it was set. Returns whether it was there.

local why = ARGV[3]
if why == 'banned' then
  retell_banned('revoked')
end
return redis.call('HDEL', mark, why)
