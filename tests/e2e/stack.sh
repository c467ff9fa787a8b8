#!/usr/bin/env bash
# The program behind nginx, as it is installed: the figures of the 2019 plan,
# conditional requests, what nginx refuses by itself, headers, stop and start.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

start_nginx
is "503 while there is no program" 503 "$(ask /api/v1/plans)"
has "as a problem document" 'Content-Type: application/problem+json' "$run/head"
is "with its code" unavailable "$(json "$run/body" 'd["code"]')"
has "that says when to come again" 'Retry-After: 5' "$run/head"

"$program" import scripts/sample/140800-2019 >"$run/import.json"
seed_people office@140800
is "ten tasks imported" 10 "$(json "$run/import.json" 'd["tasks"]["added"]')"
start_program --workers 2
is "ready" 200 "$(ask /readyz)"
stats=/api/v1/stats
plan=plan=140800-2019

# ---- the figures of the notice ----
is "funding answers" 200 "$(ask "$stats/funding?$plan&by=level")"
cp "$run/body" "$run/funding.json"
amount() { json "$run/funding.json" "[r['$2'] for r in d['rows'] if r['level'] == '$1'][0]"; }
is "central" 464900000 "$(amount central statedFen)"
is "province" 5368320000 "$(amount province statedFen)"
is "city" 952000000 "$(amount city statedFen)"
is "self" 280000000 "$(amount self statedFen)"
is "county, at least" 805000000 "$(amount county lowFen)"
is "county, at most" 1105000000 "$(amount county highFen)"
is "total, at least" 7870220000 "$(json "$run/funding.json" 'd["total"]["lowFen"]')"
is "total, at most" 8170220000 "$(json "$run/funding.json" 'd["total"]["highFen"]')"
is "the unknowns" '[2, 7, 9]' \
	"$(json "$run/funding.json" '[u["no"] for r in d["rows"] for u in r["unknown"]]')"

is "completion answers" 200 "$(ask "$stats/completion?$plan&by=task&asOf=2019-04-04")"
is "task 3: 0 of 44400" '[0, 44400]' \
	"$(json "$run/body" '[d["rows"][2]["indicators"][0]["done"], d["rows"][2]["indicators"][0]["target"]["qty"]]')"
is "task 9: 0 of 186, derived" '[0, 186, "derived"]' \
	"$(json "$run/body" '[d["rows"][8]["indicators"][0]["done"], d["rows"][8]["indicators"][0]["target"]["qty"], d["rows"][8]["indicators"][0]["target"]["state"]]')"
is "tasks 7, 8, 10: no percentage" '[[], [], []]' \
	"$(json "$run/body" '[d["rows"][i]["indicators"] for i in (6, 7, 9)]')"
is "nothing is red on the first day" '[]' \
	"$(json "$run/body" '[r["no"] for r in d["rows"] if r["light"] == "red"]')"
ask "$stats/headline?$plan&asOf=2019-04-04" >/dev/null
is "the headline adds to ten" 10 "$(json "$run/body" 'sum(d["counts"].values())')"
ask /api/v1/plans/140800-2019/findings >/dev/null
is "17 findings" 17 "$(json "$run/body" 'len(d["items"])')"

# ---- conditional requests, also of compressed answers ----
tag() { sed -n 's/^etag: *\(.*\)\r$/\1/Ip' "$run/head"; }
ask "$stats/funding?$plan&by=level" >/dev/null
etag=$(tag)
is "304 to whom has it" 304 "$(ask -H "If-None-Match: $etag" "$stats/funding?$plan&by=level")"
is "200 to the same tag of another question" 200 \
	"$(ask -H "If-None-Match: $etag" "$stats/funding?$plan&by=task")"
is "compressed" 200 "$(ask -H 'Accept-Encoding: gzip' "$stats/funding?$plan&by=level")"
has "gzip" 'Content-Encoding: gzip' "$run/head"
gunzip -c <"$run/body" >"$run/unpacked"
if cmp -s "$run/unpacked" "$run/funding.json"; then ok "the same bytes"; else no "the same bytes"; fi
is "304 to whom has it compressed" 304 \
	"$(ask -H 'Accept-Encoding: gzip' -H "If-None-Match: $(tag)" "$stats/funding?$plan&by=level")"
is "a task compressed" 200 "$(ask -H 'Accept-Encoding: gzip' /api/v1/tasks/140800-2019-01)"
is "is changed with the tag it came with" 200 "$(ask -X PATCH -H "If-Match: $(tag)" \
	-H 'Content-Type: application/json' -d '{"remark":"备注"}' /api/v1/tasks/140800-2019-01)"

# ---- refusals ----
# problem NAME STATUS CODE CURL-OPTIONS...
problem() {
	is "$1" "$2" "$(ask "${@:4}")"
	has "$1: problem+json" 'Content-Type: application/problem+json' "$run/head"
	is "$1: code" "$3" "$(json "$run/body" 'd["code"]')"
}
head -c 1100000 /dev/zero >"$run/large"
problem "nothing there" 404 not-found /api/v1/plans/none
problem "no such address" 404 no-route /api/v1/none
problem "a large body stops at nginx" 413 too-big -X POST -H 'Content-Type: application/json' \
	--data-binary "@$run/large" /api/v1/plans
problem "a method nobody knows" 405 method-not-allowed -X BREW /api/v1/plans
problem "a bad parameter" 400 bad-query "/api/v1/plans?limit=0"
problem "no condition" 428 precondition-needed -X PATCH -H 'Content-Type: application/json' \
	-d '{}' /api/v1/plans/140800-2019
long=$(printf 'a%.0s' {1..5000})
problem "a long question" 414 uri-too-long "/api/v1/plans?x=$long"

# ---- headers ----
ask -H 'X-Request-Id: mine-1' /api/v1/plans >/dev/null
has "request id" 'X-Request-Id: mine-1' "$run/head"
has "nosniff" 'X-Content-Type-Options: nosniff' "$run/head"
has "content security policy" "Content-Security-Policy: default-src 'none'" "$run/head"
has "not cached" 'Cache-Control: no-store' "$run/head"
is "HEAD" 200 "$(ask -I /api/v1/plans)"
is "the web page" 200 "$(ask /)"
has "is html" 'Content-Type: text/html' "$run/head"
is "the measures, for this machine only" 403 "$(ask /metrics)"

# ---- a graceful stop: no request that was begun is lost ----
# load FILE: ask until there is no program, one status per line.
load() {
	local code
	while [ ! -e "$run/enough" ]; do
		code=$(curl -sS --unix-socket "$http" -H "$bearer" -o /dev/null -w '%{http_code}' \
			"http://minsheng$stats/completion?$plan&by=org") || code=lost
		echo "$code" >>"$1"
		[ "$code" = 200 ] || break
	done
}
loads=()
for i in 1 2 3 4; do
	: >"$run/load.$i"
	load "$run/load.$i" &
	loads+=($!)
done
sleep 1
stop_program TERM
touch "$run/enough"
wait "${loads[@]}"
is "SIGTERM ends the program well" 0 "$status"
answered=$(cat "$run"/load.* | grep -c '^200$' || true)
others=$(cat "$run"/load.* | grep -cvE '^(200|503)$' || true)
if [ "$answered" -gt 0 ]; then ok "$answered requests were answered meanwhile"; else no "no request was answered"; fi
is "none was lost" 0 "$others"
is "503 after the stop" 503 "$(ask /api/v1/plans)"
start_program --workers 2
is "and again 200" 200 "$(ask /api/v1/plans/140800-2019)"
finished
