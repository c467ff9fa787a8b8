-- For wrk: each thread sends the lines of its own file (writes.py), from
-- where the last round stopped.  Arguments: file of thread 0, its offset,
-- file of thread 1, its offset.
local threads = {}

function setup(thread)
	thread:set("number", #threads)
	table.insert(threads, thread)
end

function init(args)
	offset = tonumber(args[2 * number + 2])
	file = assert(io.open(args[2 * number + 1]))
	file:seek("set", offset)
end

function request()
	local line = file:read("*l")
	if line == nil then
		os.exit(3)
	end
	offset = offset + #line + 1
	local path, who, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
	return "PUT " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\n" ..
		"Content-Type: application/json\r\nAuthorization: " .. who ..
		"\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
	local e = summary.errors
	local at = {}
	for _, thread in ipairs(threads) do
		table.insert(at, string.format("%d", thread:get("offset")))
	end
	io.write(string.format(
		'JSON {"requests": %d, "us": %d, "p50": %d, "p99": %d, ' ..
		'"errors": %d, "offsets": [%s]}\n',
		summary.requests, summary.duration,
		latency:percentile(50), latency:percentile(99),
		e.connect + e.read + e.write + e.status + e.timeout,
		table.concat(at, ", ")))
end
