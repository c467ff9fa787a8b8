#!/usr/bin/env bash
# The year 2019 played through nginx: every report arrives, figures at four
# days are the sums of what was accepted, and the store is whole.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

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
