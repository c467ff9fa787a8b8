# shellcheck shell=bash
# What the end-to-end tests share: source it.  It moves to the top of the
# checkout, makes a folder $run, and stops at the end what was started.
# BUILD_DIR (build-asan) holds the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C.UTF-8
program=${BUILD_DIR:-build-asan}/minsheng
if [ ! -x "$program" ]; then
	echo "skip - $program is not built"
	exit 77
fi

run=$(mktemp -d)
export MINSHENG_DATA=$run/data MINSHENG_LISTEN=$run/minsheng.sock
export MINSHENG_WORKERS=2
http=$run/http.sock
program_pid='' nginx_pid='' bad=0

ok() { printf 'ok - %s\n' "$1"; }
no() {
	printf 'not ok - %s\n' "$1"
	bad=1
}
# is NAME WANTED GOT
is() {
	if [ "$2" = "$3" ]; then ok "$1"; else no "$1: got $3, wanted $2"; fi
}
# has NAME TEXT FILE: does the file hold the text?
has() {
	if grep -qaiF -- "$2" "$3"; then ok "$1"; else
		no "$1: no $2"
		head -c 2000 "$3"
	fi
}

# wait_until SECONDS COMMAND...
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.02
	done
}

ready() { grep -q 'msg="ready"' "$run/minsheng.log"; }

# start_program: serve, and wait until it is ready.
# shellcheck disable=SC2120 # settings are rarely given
start_program() {
	: >"$run/minsheng.log"
	"$program" serve "$@" 2>>"$run/minsheng.log" &
	program_pid=$!
	if ! wait_until 30 ready; then
		tail -n 20 "$run/minsheng.log"
		no "the program starts"
		exit 1
	fi
}

# stop_program [SIGNAL]: its exit status is in $status.
# shellcheck disable=SC2034,SC2120 # for the caller
stop_program() {
	status=0
	kill "-${1:-TERM}" "$program_pid" 2>/dev/null || true
	{ wait "$program_pid"; } 2>/dev/null || status=$?
	program_pid=''
}

start_nginx() {
	nginx/fill "unix:$http" "$MINSHENG_LISTEN" "$run/nginx"
	nginx -e "$run/nginx/nginx-error.log" -c "$run/nginx/nginx.conf" \
		-g 'daemon off;' &
	nginx_pid=$!
	wait_until 10 test -S "$http"
}

# shellcheck disable=SC2317 # called by the trap
finish() {
	local code=$?
	[ -z "$program_pid" ] || kill -KILL "$program_pid" 2>/dev/null || true
	[ -z "$nginx_pid" ] || kill -TERM "$nginx_pid" 2>/dev/null || true
	wait 2>/dev/null || true
	if grep -aqE 'AddressSanitizer|runtime error' "$run"/*.log 2>/dev/null; then
		no "a sanitizer has found something"
		grep -aE -A 12 'AddressSanitizer|runtime error' "$run"/*.log
	fi
	rm -rf "$run"
	[ "$code" -ne 0 ] || code=$bad
	exit "$code"
}
trap finish EXIT

# seed_people [ROLES@UNIT...]: users with API keys, before the program starts;
# always somebody who may do everything.
# shellcheck disable=SC2120 # people are rarely named
seed_people() {
	python3 tests/e2e/keys.py "$@" | "$program" import - >"$run/seed.txt"
}
bearer="Authorization: $(python3 tests/e2e/keys.py --bearer)"

# ask CURL-OPTIONS... PATH: prints the status; $run/body and $run/head.
ask() {
	local path=${*: -1}
	curl -sS --unix-socket "$http" -o "$run/body" -D "$run/head" -H "$bearer" \
		-w '%{http_code}' "${@:1:$#-1}" "http://minsheng$path"
}

# json FILE EXPRESSION: a value out of a JSON file, python's words.
json() {
	python3 -c '
import json, sys
v = eval(sys.argv[2], {"d": json.load(open(sys.argv[1], encoding="utf-8"))})
print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False))
' "$1" "$2"
}

# finished: the last words of a test.
finished() { [ "$bad" -eq 0 ]; }
