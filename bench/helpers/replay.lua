-- For wrk: sends the requests of a file one after the other, and then again from the first.
-- The file has for each request a line with its length, and the request. The last line that is printed says in
-- JSON what came out (helpers/wrk.ts reads it).

local requests = {}
-- wrk asks for one before it begins, to see whether it is several: that one is not sent.
local sent = -1

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for length in file:lines() do
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end

function request()
  sent = sent + 1
  return requests[(math.max(sent, 1) - 1) % #requests + 1]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"us":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
