#!/usr/bin/env bash
# The office's pages in Chromium, behind nginx, from the draft of the 2019 plan
# to a frozen month: tests/web/office/*.mjs.  WEB_SHOTS keeps screenshots there.
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

seed_people reporter@140829 reporter@140822 reporter@140827 confirmer@140829 \
	confirmer@140822 confirmer@140827 lead@140800-fulian
"$program" import scripts/sample/140800-2019 >"$run/import.json"
# add USER ROLE NAME UNIT: somebody who signs in, with WEB_SECRET.
export WEB_SECRET=Ceshi-2019-kouling
add() { echo "$WEB_SECRET" | "$program" user add "$1" --org "$4" --roles "$2" --name "$3" >>"$run/users.txt"; }
add duchashi office 督查室 140800
add guanli admin 系统管理员 140800
add shenji auditor 审计员 140800
add fulian lead 妇儿办 140800-fulian
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

node tests/web/office/office.mjs || bad=1
finished
