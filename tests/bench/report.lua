-- For wrk: the result as one line of JSON after its own text.
function done(summary, latency)
	local e = summary.errors
	io.write(string.format(
		'JSON {"requests": %d, "us": %d, "p50": %d, "p99": %d, ' ..
		'"errors": %d}\n',
		summary.requests, summary.duration,
		latency:percentile(50), latency:percentile(99),
		e.connect + e.read + e.write + e.status + e.timeout))
end
