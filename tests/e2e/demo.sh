#!/usr/bin/env bash
# ./scripts/run --demo comes up by itself, with people, photographs, things to
# do and the evaluator's figures; a second start plays nothing again.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
dir=$run/demo base=http://127.0.0.1:$port
runner=''
# shellcheck disable=SC2317 # called by the trap
stop_demo() {
	[ -z "$runner" ] || kill -TERM "$runner" 2>/dev/null || true
	[ -z "$runner" ] || wait "$runner" 2>/dev/null || true
	runner=''
}
trap 'stop_demo; finish' EXIT

# start_demo: until it says that it is ready.
start_demo() {
	scripts/run --demo --dir "$dir" --port "$port" >"$run/said" 2>&1 &
	runner=$!
	wait_until 200 grep -q 就绪 "$run/said" || {
		cat "$run/said"
		no "$1"
		exit 1
	}
	ok "$1"
}
get() { curl -fsS -K "$dir/run/curl.conf" "$base$1" >"$run/body"; }

start_demo "the demonstration comes up"
is "passwords are told, once for each" 7 "$(grep -c '口令 Ms-' "$run/said")"
is "keys of the play are gone" no "$([ -e "$dir/run/year.keys" ] && echo yes || echo no)"
get /readyz
has "everybody is told that it is one" '"clock":"demonstration"' "$run/body"
if python3 tests/e2e/year_figures.py "$base" "$dir/run/curl.conf" "$dir/year.log" 2019-10-20 2019-10-20T01:00:00.000Z >"$run/figures"; then
	ok "its figures are the evaluator's"
else
	no "its figures are the evaluator's"
fi
cat "$run/figures"
get '/api/v1/stats/headline?plan=140800-2019'
is "today is the day of the demonstration" 2019-10-20 "$(json "$run/body" 'd["asOf"]')"
for state in draft submitted unit_confirmed lead_confirmed returned accepted superseded; do
	get "/api/v1/reports?plan=140800-2019&state=$state"
	is "there is a report that is $state" true "$(json "$run/body" 'len(d["items"]) > 0')"
done
get /api/v1/todos
is "there is something to do" true "$(json "$run/body" 'len(d["items"]) > 0')"
get /api/v1/plans/140800-2019/duplicate-evidence
is "a photograph was used twice" true "$(json "$run/body" 'len(d["items"]) > 0')"
get /api/v1/plans/140800-2019/months
is "five months are frozen" 5 "$(json "$run/body" 'len(d["items"])')"

password=$(sed -n 's/.*用户名 wenxi  口令 \([^ ]*\) .*/\1/p' "$run/said")
is "people sign in with what they were told" 201 "$(curl -sS -c "$run/cookies" -o "$run/body" -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"user\": \"wenxi\", \"password\": \"$password\"}" "$base/api/v1/session")"
is "and need no new password" false "$(json "$run/body" 'd["passwordDue"]')"
stop_demo
start_demo "it comes up again"
is "without new people" 0 "$(grep -c '口令 Ms-' "$run/said" || true)"
get '/api/v1/stats/headline?plan=140800-2019'
is "on the same day" 2019-10-20 "$(json "$run/body" 'd["asOf"]')"
# What is over is swept away at start: by the day of the play.
sleep 2
is "who was signed in still is" 200 "$(curl -sS -b "$run/cookies" -o "$run/body" -w '%{http_code}' "$base/api/v1/session")"
finished
