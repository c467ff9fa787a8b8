#!/usr/bin/env bash
# The pages in Chromium, behind nginx, with made-up reports of the 2019 plan:
# tests/web/*.mjs.  WEB_SHOTS keeps screenshots there.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

for tool in chromium node; do
	if ! command -v $tool >/dev/null; then
		echo "skip - there is no $tool"
		exit 77
	fi
done
scripts/web test >"$run/npm.txt" 2>&1 || {
	cat "$run/npm.txt"
	no "the npm packages"
	exit 1
}

seed_people
"$program" import scripts/sample/140800-2019 >"$run/import.json"
echo 2019-04-05T01:00:00.000Z >"$run/clock"
"$program" issue 140800-2019 --by 督查室 --leave-open --clock="$run/clock" >"$run/issue.txt" 2>&1
node tests/web/played.mjs 2019-08 >"$run/played.json"
"$program" import "$run/played.json" --plan 140800-2019 >"$run/played.txt"
# add USER UNIT ROLE NAME OPTIONS...: somebody who signs in, with WEB_SECRET.
export WEB_SECRET=Ceshi-2019-kouling
add() { echo "$WEB_SECRET" | "$program" user add "$1" --org "$2" --roles "$3" --name "$4" "${@:5}" >>"$run/users.txt"; }
add shizhang 140800 leader 市领导
add xinren 140800 leader 新来的领导 --temporary
add wenxi 140823 reporter 闻喜县填报人
start_program --workers 2

# A browser cannot speak to a Unix socket: a port nobody uses.
port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
nginx/fill "127.0.0.1:$port" "$MINSHENG_LISTEN" "$run/nginx"
nginx -e "$run/nginx/nginx-error.log" -c "$run/nginx/nginx.conf" -g 'daemon off;' &
# shellcheck disable=SC2034 # lib.sh stops it
nginx_pid=$!
export WEB_BASE=http://127.0.0.1:$port
wait_until 10 curl -fsS "$WEB_BASE/healthz"

# A frozen month, what is corrected in it afterwards, money that moved, a check.
write() { curl -fsS -o "$run/written" -H "$bearer" -H 'Content-Type: application/json' -X "$1" -d "$3" "$WEB_BASE/api/v1/$2"; }
write POST plans/140800-2019/months/2019-07:freeze ''
write POST plans/140800-2019:import "$(json "$run/played.json" '(lambda r: {"reports": [{**r, "_id": "5eed2019-0000-4000-8000-000000000077",
	"revision": 2, "supersedes": r["_id"], "value": {"kind": "number", "n": r["value"]["n"] - 3}, "acceptedAt": "2019-08-20T02:00:00.000Z"}]})(
	[r for r in d["reports"] if r["orgId"] == "140829" and r["taskId"].endswith("-03") and r["asOf"] == "2019-07-31"][0])')"
write PUT fund-flows/5eed2019-0000-4000-8000-000000000078 '{"taskId": "140800-2019-04", "fundingId": "f1", "orgId": null, "level": "province", "stage": "received", "amountFen": 220000000, "asOf": "2019-08-20"}'
write PUT checks/5eed2019-0000-4000-8000-000000000079 '{"taskId": "140800-2019-03", "orgId": "140829", "indicatorId": "i1", "checkedOn": "2019-08-21", "verdict": "true", "text": "台账与现场一致。", "submit": false}'
write POST checks/5eed2019-0000-4000-8000-000000000079:conclude '{"text": "属实。"}'

for script in tests/web/*.mjs; do
	case $(basename "$script") in
	harness.mjs | people.mjs | played.mjs) continue ;;
	esac
	node "$script" || bad=1
done
finished
