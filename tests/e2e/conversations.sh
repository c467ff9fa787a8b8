#!/usr/bin/env bash
# The conversations of tests/api through nginx, each from an empty store.
# ONLY_TALK=pattern runs the files whose name matches.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

start_nginx
for file in tests/api/[0-9]*.json; do
	name=$(basename "$file" .json)
	[[ $name == *${ONLY_TALK:-}* ]] || continue
	rm -rf "$MINSHENG_DATA"
	# shellcheck disable=SC2046 # a list of words
	seed_people $(json "$file" '" ".join({s["as"] for s in d["steps"] if s.get("as", "nobody") != "nobody"})')
	today=$(json "$file" 'd.get("today", "")')
	now=$(json "$file" 'd.get("now", "")')
	rm -f "$run/clock"
	[ -z "$now" ] || echo "$now" >"$run/clock"
	MINSHENG_TODAY=$today MINSHENG_CLOCK=${now:+$run/clock} start_program --workers 2
	if python3 tests/e2e/conversation.py "$http" "$file" "$run/clock" >"$run/talk.txt" 2>&1; then
		ok "$name"
	else
		no "$name"
		cat "$run/talk.txt"
	fi
	stop_program TERM
	[ "$status" -eq 0 ] || no "$name: the program ended with $status"
done
if "$program" verify >"$run/verify.txt"; then ok "verify"; else
	no "verify"
	cat "$run/verify.txt"
fi
finished
