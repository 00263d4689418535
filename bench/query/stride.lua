-- Puts the requests of a file, one a line, over and over in long strides. Arguments: the file, and the header `authorization`.
-- With POST a line is a body for /graphql, with GET a path. wrk's own counters miss an answer of 200 that tells of errors.

local STRIDE = 7919

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  requests, at, faults, fault = {}, 0, 0, ""
  for line in io.lines(args[1]) do
    if args[2] == "GET" then
      table.insert(requests, wrk.format("GET", line))
    else
      local headers = { ["content-type"] = "application/json" }
      if args[3] then headers["authorization"] = args[3] end
      table.insert(requests, wrk.format("POST", "/graphql", headers, line))
    end
  end
end

function request()
  at = (at + STRIDE) % #requests
  return requests[at + 1]
end

function response(status, _, body)
  if status ~= 200 or body:find('"errors":', 1, true) then
    faults = faults + 1
    fault = status .. " " .. body:sub(1, 500)
  end
end

function done(summary, latency)
  local faults = 0
  for _, thread in ipairs(threads) do
    faults = faults + thread:get("faults")
    if thread:get("fault") ~= "" then print("FAULT " .. thread:get("fault")) end
  end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format("RESULT %d %d %d %d %d %d", summary.requests, summary.duration, faults, broken,
    latency:percentile(50), latency:percentile(99)))
end
