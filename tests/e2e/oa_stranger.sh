#!/usr/bin/env bash
# What the handbook (docs/zh/对接手册.md) promises, through nginx: each of the
# three clients syncs 2,000 people, and answers what waits; the receiver hears
# of it, signed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
if ! command -v node >/dev/null; then
	echo "skip - node is not here"
	exit 77
fi

# key NAME OPTIONS...: a new key; its id in $key_id, its secret in $key_secret.
key() {
	"$program" key add "$@" --sign HMAC-SM3 >"$run/key"
	key_id=$(sed -n 's/^X-MS-Key：//p' "$run/key")
	key_secret=$(sed -n 's/^密钥：//p' "$run/key")
}
free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

export MINSHENG_WEBHOOK_ALLOW=127.0.0.1 MINSHENG_WORKER_POLL=50ms
export MINSHENG_WEBHOOK_RETRY_PERMILLE=1 OA_ALGORITHM=HMAC-SM3
seed_people
"$program" import scripts/sample/140800-2019 >"$run/out"
key oa --org 140800 --roles admin
oa=$key_id oa_secret=$key_secret
key leader --org 140800 --roles leader
leader=$key_id leader_secret=$key_secret
key unit --org 140800-dcs --roles lead
unit=$key_id unit_secret=$key_secret
start_program
port=$(free_port)
nginx/fill "127.0.0.1:$port" "$MINSHENG_LISTEN" "$run/nginx"
nginx -e "$run/nginx/nginx-error.log" -c "$run/nginx/nginx.conf" -g 'daemon off;' &
nginx_pid=$!
base=http://127.0.0.1:$port
wait_until 10 curl -fsS -o /dev/null "$base/healthz"
curl -sS -o "$run/out" -H "$bearer" -H 'Content-Type: application/json' \
	-d '{"by": "督查室", "leaveOpen": true}' "$base/api/v1/plans/140800-2019:issue"

client_sh() { bash docs/oa/client.sh "$@"; }
client_py() { python3 docs/oa/client.py "$@"; }
client_js() { node docs/oa/client.js "$@"; }
# call NAME WANTED-STATUS CLIENT METHOD PATH [FILE]: signed; the answer in $run/out.
call() {
	local name=$1 want=$2 client=$3
	"$client" "$4" "$base$5" ${6:+"$6"} >"$run/out" 2>"$run/err" || true
	is "$name" "$want" "$(cat "$run/err")"
}
as_oa() { export OA_KEY=$oa OA_SECRET=$oa_secret; }
as_oa

# A receiver, and somebody for whom things wait.
hook_port=$(free_port)
printf '{"name": "OA", "url": "http://127.0.0.1:%s/", "types": ["todo.*", "notice.*"]}' \
	"$hook_port" >"$run/hook.json"
call "a webhook" 201 client_py POST /api/v1/webhooks "$run/hook.json"
hook_secret=$(json "$run/out" 'd["secret"]')
OA_WEBHOOK_SECRET=$hook_secret python3 docs/oa/receive.py "$hook_port" \
	>"$run/events" 2>"$run/receive.log" &
receiver=$!
trap 'kill "$receiver" 2>/dev/null || true; finish' EXIT
printf '{"mode": "delta", "rows": [{"oaId": "LEAD", "account": "a-lead", "name": "张三",
"orgId": "140800-dcs", "roles": ["lead"]}]}' >"$run/lead.json"
printf '{"mode": "delta", "rows": [{"oaId": "D1", "name": "市财政局", "division": "140800"}]}' \
	>"$run/orgs.json"
call "a unit" 200 client_py PUT /api/v1/orgs:sync "$run/orgs.json"
call "a person" 200 client_py PUT /api/v1/users:sync "$run/lead.json"

# pages SYNC-ID: two pages of a thousand people, and who was there.
pages() {
	python3 - "$1" "$run" <<'PY'
import json, sys
name, run = sys.argv[1:]
people = [{"oaId": f"U{i:05}", "name": f"同志{i}", "orgOaId": "D1",
           "phone": "139****0100"} for i in range(1999)]
people.append({"oaId": "LEAD", "name": "张三", "orgId": "140800-dcs"})
for page in (1, 2):
    with open(f"{run}/page{page}.json", "w") as file:
        json.dump({"mode": "full", "syncId": name, "page": page, "pages": 2,
                   "newRoles": ["auditor"],
                   "rows": people[(page - 1) * 1000:page * 1000]}, file)
PY
}

n=0
for client in client_sh client_py client_js; do
	as_oa
	n=$((n + 1))
	pages "s-$n"
	for page in 1 2; do
		call "$client: page $page" 200 "$client" PUT /api/v1/users:sync "$run/page$page.json"
		is "$client: nobody is refused" null "$(json "$run/out" 'd["counts"].get("refused")')"
	done
	is "$client: the sync is finished" 'done' "$(json "$run/out" 'd["finish"]["state"]')"
	[ $n = 1 ] || is "$client: nothing is new" 1000 "$(json "$run/out" 'd["counts"]["same"]')"
	call "$client: where it stands" 200 "$client" GET "/api/v1/oa/syncs/users.s-$n"

	notice=/api/v1/notices/0b1e2019-0000-4000-8000-00000000000$n
	printf '{"planId": "140800-2019", "taskId": "140800-2019-05", "orgId": "140800-dcs",
	"kind": "instruction", "title": "批示%s", "text": "请抓紧。", "dueOn": "2026-12-31"}' \
		$n >"$run/notice.json"
	OA_KEY=$leader OA_SECRET=$leader_secret
	call "$client: an instruction from the OA" 201 "$client" PUT $notice "$run/notice.json"
	as_oa
	call "$client: a round" 200 "$client" POST "/api/v1/oa/todos:refresh?limit=5"
	printf '{"text": "已办。"}' >"$run/answer.json"
	OA_KEY=$unit OA_SECRET=$unit_secret
	call "$client: the unit answers" 200 "$client" POST $notice:answer "$run/answer.json"
	as_oa
	call "$client: a round" 200 "$client" POST "/api/v1/oa/todos:refresh?limit=5"
	call "$client: the list" 200 "$client" GET "/api/v1/oa/todos?state=done&limit=200"
	has "$client: has it closed" "批示$n" "$run/out"
done
closed() { [ "$(grep -c '"todo.done"' "$run/events")" -ge 3 ]; }
wait_until 20 closed || true
is "the receiver heard of each" 3 "$(grep -c '"todo.done"' "$run/events")"
is "and of the answers" 3 "$(grep -c '"notice.answered"' "$run/events")"
is "a body that is not ours is refused" 401 "$(curl -sS -o /dev/null -w '%{http_code}' \
	-H 'webhook-id: evt_x' -H "webhook-timestamp: $(date +%s)" -H 'webhook-signature: v1,AAAA' \
	-d '{}' "http://127.0.0.1:$hook_port/")"

# The handbook knows every error, every refusal of a row, every header.
book=docs/zh/对接手册.md
for word in $(sed -n 's/^ERR([A-Z]*, *[0-9]*, "\([a-z-]*\)".*/\1/p' fcgi/base/err.def) \
	$(cat fcgi/api/sync*.c | tr -d '\n\t' | grep -oE 'sync_refuse\( *s, *row, *"[a-z-]+"' |
		grep -oE '"[a-z-]+"' | tr -d '"' | sort -u); do
	grep -qF "\`$word\`" "$book" || no "the handbook knows $word"
done
for word in X-MS-Key X-MS-Timestamp X-MS-Nonce X-MS-Signature webhook-id webhook-timestamp \
	webhook-signature generic weaver seeyon landray o2oa; do
	grep -qF "\`$word\`" "$book" || no "the handbook knows $word"
done
stop_program TERM
is "a clean end" 0 "$status"
finished
