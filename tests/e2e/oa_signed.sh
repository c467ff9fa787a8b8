#!/usr/bin/env bash
# Signed requests through nginx: each of the three reference clients does what
# an OA system does, and each attack has its own answer.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
if ! command -v node >/dev/null; then
	echo "skip - node is not here"
	exit 77
fi

# key NAME OPTIONS...: a new key; its id in $key_id, its secret in $key_secret.
key() {
	"$program" key add "$@" >"$run/key"
	key_id=$(sed -n 's/^X-MS-Key：//p' "$run/key")
	key_secret=$(sed -n 's/^密钥：//p' "$run/key")
}

seed_people
key plain --org 140800 --roles office --sign HMAC-SHA256
plain=$key_id plain_secret=$key_secret
key sm3 --org 140800 --roles office --sign HMAC-SM3
sm3=$key_id sm3_secret=$key_secret
key elsewhere --org 140800 --roles office --sign HMAC-SHA256 --ip 192.0.2.1
elsewhere=$key_id elsewhere_secret=$key_secret
key late --org 140800 --roles office --sign HMAC-SHA256 --expires 2020-01-01T00:00:00.000Z
late=$key_id late_secret=$key_secret
key off --org 140800 --roles office --sign HMAC-SHA256
off=$key_id off_secret=$key_secret
"$program" key disable "$off" >"$run/out"
"$program" key list >"$run/out"
has "the list has the key" "$plain" "$run/out"
has "and how it is used" 'HMAC-SM3' "$run/out"
has "and that it is off" '停用' "$run/out"
if grep -qa "$plain_secret" "$MINSHENG_DATA"/minsheng.db*; then
	no "the secret lies in the store"
else
	ok "the secret is not in the store"
fi
is "the server's secret is its user's alone" 600 "$(stat -c %a "$MINSHENG_DATA/secret.key")"

start_program
port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
nginx/fill "127.0.0.1:$port" "$MINSHENG_LISTEN" "$run/nginx"
nginx -e "$run/nginx/nginx-error.log" -c "$run/nginx/nginx.conf" -g 'daemon off;' &
nginx_pid=$!
base=http://127.0.0.1:$port
wait_until 10 curl -fsS -o /dev/null "$base/healthz"

client_sh() { bash docs/oa/client.sh "$@"; }
client_py() { python3 docs/oa/client.py "$@"; }
client_js() { node docs/oa/client.js "$@"; }
printf '{"_id": "140823", "division": "140823", "name": "闻喜县", "kind": "county"}' >"$run/org.json"
for client in client_sh client_py client_js; do
	for algorithm in HMAC-SHA256 HMAC-SM3; do
		export OA_ALGORITHM=$algorithm OA_KEY=$plain OA_SECRET=$plain_secret
		if [ "$algorithm" = HMAC-SM3 ]; then
			OA_KEY=$sm3 OA_SECRET=$sm3_secret
		fi
		name="$client $algorithm"
		"$client" GET "$base/api/v1/orgs?limit=5&kind=county" >"$run/out" 2>"$run/err" || true
		is "$name: reads" 200 "$(cat "$run/err")"
		org=$((org_number = ${org_number:-140850} + 1))
		sed "s/140823/$org/g" "$run/org.json" >"$run/one.json"
		OA_IF_NONE_MATCH='*' "$client" PUT "$base/api/v1/orgs/$org" "$run/one.json" \
			>"$run/out" 2>"$run/err" || true
		is "$name: writes" 201 "$(cat "$run/err")"
		has "$name: what it wrote" '闻喜县' "$run/out"
		"$client" GET "$base/api/v1/events?after=0" >"$run/out" 2>"$run/err" || true
		is "$name: events" 200 "$(cat "$run/err")"
		has "$name: of what it wrote" "\"$org\"" "$run/out"
		OA_SECRET=wrong "$client" GET "$base/api/v1/orgs" >"$run/out" 2>"$run/err" || true
		is "$name: a wrong secret" 401 "$(cat "$run/err")"
		has "$name: has its code" '"sign-mismatch"' "$run/out"
	done
done
unset OA_ALGORITHM

python3 tests/oa/attacks.py "$base" "$plain" "$plain_secret" "$elsewhere" "$elsewhere_secret" \
	"$late" "$late_secret" "$off" "$off_secret" || bad=1
stop_program TERM
is "a clean end" 0 "$status"

# Rotation: two secrets live, the third ends the first.
"$program" key rotate "$plain" >"$run/key"
second=$(sed -n 's/^密钥：//p' "$run/key")
start_program
export OA_KEY=$plain
for secret in "$plain_secret" "$second"; do
	OA_SECRET=$secret client_py GET "$base/api/v1/orgs" >"$run/out" 2>"$run/err" || true
	is "rotated: both secrets live" 200 "$(cat "$run/err")"
done
stop_program TERM
"$program" key rotate "$plain" >"$run/key"
start_program
OA_SECRET=$plain_secret client_py GET "$base/api/v1/orgs" >"$run/out" 2>"$run/err" || true
is "rotated again: the first has ended" 401 "$(cat "$run/err")"
OA_SECRET=$second client_py GET "$base/api/v1/orgs" >"$run/out" 2>"$run/err" || true
is "rotated again: the second lives" 200 "$(cat "$run/err")"
stop_program TERM

# A store that was carried away without the server's secret opens nothing.
mv "$MINSHENG_DATA/secret.key" "$run/secret.key"
start_program
OA_SECRET=$second client_py GET "$base/api/v1/orgs" >"$run/out" 2>"$run/err" || true
is "without the server's secret" 500 "$(cat "$run/err")"
finished
