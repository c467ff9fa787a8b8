#!/usr/bin/env bash
# nginx/minsheng.conf: nginx accepts it, it passes exactly the parameters the
# program reads, and what nginx has to refuse by itself is problem+json.
# Needs no program: without one, nginx answers "maintenance".
set -euo pipefail
cd "$(dirname "$0")/../.."

run=$(mktemp -d)
pid=
# shellcheck disable=SC2317 # called by the trap
finish() {
	if [ -n "$pid" ]; then
		kill -TERM "$pid" 2>/dev/null || true
		wait "$pid" || true
	fi
	rm -rf "$run"
}
trap finish EXIT

bad=0
ok() { echo "ok - $1"; }
no() {
	echo "not ok - $1"
	bad=1
}
# is NAME WANTED GOT
is() {
	if [ "$2" = "$3" ]; then ok "$1"; else no "$1: $3, not $2"; fi
}
# has NAME TEXT FILE
has() {
	if grep -qi -- "$2" "$3"; then ok "$1"; else
		no "$1: no $2"
		cat "$3"
	fi
}

nginx/fill "unix:$run/http.sock" "$run/nobody.sock" "$run"
nginx -t -q -e "$run/nginx-error.log" -c "$run/nginx.conf"
ok "nginx -t"

sed -n 's/^WIRE(\([A-Z_]*\), *"\(.*\)").*/\1 \2/p' fcgi/http/wire.def >"$run/wire"
sed -n 's/^[[:space:]]*fastcgi_param \([A-Z_]*\) \([^ ;]*\).*/\1 \2/p' \
	nginx/minsheng.conf >"$run/params"
[ -s "$run/wire" ] || no "wire.def is empty"
if diff "$run/wire" "$run/params"; then ok "parameters"; else no "parameters"; fi

nginx -e "$run/nginx-error.log" -c "$run/nginx.conf" -g 'daemon off;' &
pid=$!
for _ in $(seq 100); do
	[ -S "$run/http.sock" ] && break
	sleep 0.05
done

# ask CURL-OPTIONS...: status; the body in $run/body, the headers in $run/head
ask() {
	curl -sS --unix-socket "$run/http.sock" -o "$run/body" -D "$run/head" \
		-w '%{http_code}' "$@"
}
# problem NAME STATUS CODE CURL-OPTIONS...
problem() {
	local name=$1 status=$2 code=$3
	shift 3
	is "$name" "$status" "$(ask "$@")"
	has "$name: type" '^content-type: application/problem+json' "$run/head"
	has "$name: sniff" '^x-content-type-options: nosniff' "$run/head"
	is "$name: body" "$status $code" \
		"$(python3 -c 'import json, sys
p = json.load(open(sys.argv[1]))
assert p["title"] and p["detail"] and p["traceId"] and p["errors"] == []
print(p["status"], p["code"])' "$run/body")"
}

problem maintenance 503 unavailable http://x/api/v1/plans
has "maintenance: retry" '^retry-after: 5' "$run/head"
problem "maintenance, post" 503 unavailable -d x http://x/api/v1/plans
head -c 1100000 /dev/zero >"$run/zeros"
problem "too big" 413 too-big --data-binary "@$run/zeros" http://x/api/v1/plans
if grep -qi '^retry-after' "$run/head"; then no "too big: retry"; else ok "too big: no retry"; fi
problem "photo" 503 unavailable -T "$run/zeros" http://x/api/v1/blobs/x
problem "long address" 414 uri-too-long "http://x/api/$(printf 'a%.0s' $(seq 9000))"
problem "long header" 431 headers-too-large -H "A: $(printf 'a%.0s' $(seq 9000))" http://x/api/
problem "metrics from elsewhere" 403 forbidden http://x/metrics
problem "nothing" 404 no-route http://x/nothing
problem "bad method" 405 method-not-allowed -X POST http://x/index.html

is "page" 200 "$(ask http://x/)"
has "page: policy" "^content-security-policy: default-src 'none'; script-src 'self'" "$run/head"
has "page: text" '^content-type: text/html; charset=utf-8' "$run/head"
has "page: no version" '^server: nginx.$' "$run/head"
problem "dot dot" 400 bad-request --path-as-is http://x/../../etc/passwd
problem "not for clients" 404 no-route http://x/minsheng-problem

exit $bad
