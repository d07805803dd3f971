-- Sends whole requests from a file one after the other, each ended by a NUL; reports as wrk.lua does.

dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'wrk.lua')

local requests, turn = {}, 0

function init(args)
  local file = assert(io.open(args[1], 'rb'))
  for prepared in file:read('*a'):gmatch('%Z+') do
    requests[#requests + 1] = prepared
  end
  file:close()
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
