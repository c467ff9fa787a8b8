#!/usr/bin/env bash
# The page of field staff in Chromium: tests/web/field/*.mjs, or those named.
# Today is the third of June 2019.  WEB_SHOTS keeps screenshots there.
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

echo 2019-04-05T01:00:00.000Z >"$run/clock"
seed_people
"$program" import scripts/sample/140800-2019 >"$run/import.json"
node tests/web/field/many.mjs >"$run/many.json"
"$program" import "$run/many.json" >"$run/many.txt"
for plan in 140800-2019 140800-2018; do
	"$program" issue $plan --by 督查室 --leave-open --clock="$run/clock" >>"$run/issue.txt" 2>&1
done
export WEB_SECRET=Ceshi-2019-kouling
# add USER UNIT ROLES NAME: somebody who signs in, with WEB_SECRET.
add() { echo "$WEB_SECRET" | "$program" user add "$1" --org "$2" --roles "$3" --name "$4" >>"$run/users.txt"; }
add pinglu 140829 reporter 平陆县填报人
add pinglu.er 140829 reporter 平陆县另一位填报人
add pinglu.shenhe 140829 confirmer 平陆县审核人
add wanrong 140822 reporter 万荣县填报人
add xiaxian 140828 reporter 夏县填报人
add jiangxian 140826 reporter 绛县填报人
add yuanqu 140827 reporter 垣曲县填报人
add jishan 140824 reporter 稷山县填报人
add fulian 140800-fulian lead 市妇儿办
add ducha 140800-dcs office 督查室
start_program --workers 2 --today 2019-06-03

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

[ $# -gt 0 ] || set -- pages offline many
for name in "$@"; do
	node "tests/web/field/test_$name.mjs" || bad=1
done
finished
