#!/usr/bin/env bash
# The year 2019 played through nginx: every report arrives, every figure at
# four days is the evaluator's, and the store is whole.
# STORE=mongodb plays it there (MINSHENG_TEST_MONGODB_URI, else one of our own).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

started=''
# shellcheck disable=SC2317 # called by the trap
stop_mongodb() {
	[ -z "$started" ] || tests/mongo/server stop --port "$started" >/dev/null 2>&1 || true
}
if [ "${STORE:-sqlite}" = mongodb ]; then
	uri=${MINSHENG_TEST_MONGODB_URI:-}
	if [ -z "$uri" ]; then
		started=27990
		trap 'stop_mongodb; finish' EXIT
		uri=$(tests/mongo/server start --port $started --replset rs0)
	fi
	query=${uri#*\?}
	[ "$query" != "$uri" ] || query=''
	uri=${uri%%\?*}
	export MINSHENG_STORE="${uri%/*}/year_$$?$query"
	"$program" migrate >"$run/migrate.txt"
fi
export MINSHENG_CLOCK=$run/clock
scripts/sample/year people "$run/keys" >"$run/people"
is "keys are for their owner" 600 "$(stat -c %a "$run/keys")"
"$program" import - <"$run/people" >"$run/seed.txt"
start_nginx
start_program --workers 2
if scripts/sample/year play "$run/keys" "$run/clock" "$http" "$run/log" >"$run/counts"; then
	ok "the year is played"
	cat "$run/counts"
else
	no "the year is played"
fi
if python3 tests/e2e/year.py "$http" "$run/keys" "$run/log" >"$run/judged"; then
	ok "figures are sums of what was accepted"
else
	no "figures are sums of what was accepted"
fi
cat "$run/judged"
if python3 tests/e2e/year_figures.py "$http" "$run/keys" "$run/log" >"$run/figures"; then
	ok "headline, matrix, timeliness, trend: the evaluator's"
else
	no "headline, matrix, timeliness, trend: the evaluator's"
fi
cat "$run/figures"
stop_program TERM
if "$program" verify >"$run/verify.txt"; then ok "verify"; else
	no "verify"
	cat "$run/verify.txt"
fi
finished
