#!/usr/bin/env bash
# The year 2019 played while the program is killed again and again: nothing
# that was answered is lost, nothing is there twice, the audit is whole.
# ROUNDS=n kills n times (3).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-3}
export MINSHENG_CLOCK=$run/clock
scripts/sample/year people "$run/keys" | "$program" import - >"$run/seed.txt"
start_nginx
start_program --workers 2
scripts/sample/year play "$run/keys" "$run/clock" "$http" "$run/log" >"$run/counts" 2>&1 &
play=$!
killed=0
while [ $killed -lt "$rounds" ] && kill -0 $play 2>/dev/null; do
	sleep "$(printf '%04d' $((RANDOM % (14000 / rounds) + 100)) | sed 's/...$/.&/')"
	kill -KILL "$program_pid"
	{ wait "$program_pid"; } 2>/dev/null || true
	killed=$((killed + 1))
	start_program --workers 2
done
is "killed while it played" "$rounds" "$killed"
if wait $play; then ok "the year is played to its end"; else
	no "the year is played to its end"
	cat "$run/counts"
fi
if python3 tests/e2e/year.py "$http" "$run/keys" "$run/log" >"$run/judged"; then
	ok "nothing that was answered is lost"
else
	no "nothing that was answered is lost"
fi
cat "$run/judged"
if python3 tests/e2e/year_figures.py "$http" "$run/keys" "$run/log" >"$run/figures"; then
	ok "every figure is the evaluator's"
else
	no "every figure is the evaluator's"
fi
tail -n 3 "$run/figures"
stop_program TERM
for check in verify "audit verify"; do
	# shellcheck disable=SC2086 # two words
	if "$program" $check >"$run/verify.txt"; then ok "$check"; else
		no "$check"
		cat "$run/verify.txt"
	fi
done
finished
