-- Takes turns among the callers whose headers stand in a file, one line each, and ends with one line
-- of JSON.

local requests, turn = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local name, value = line:match('^([^:]+): (.*)$')
    requests[#requests + 1] = wrk.format('GET', nil, {
      [name] = value,
      -- What nginx adds.
      ['X-Forwarded-For'] = '192.0.2.7',
      ['X-Forwarded-Proto'] = 'https',
    })
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "refused": %d, "lost": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration / 1e6, errors.status, lost,
    latency:percentile(50), latency:percentile(99)))
end
