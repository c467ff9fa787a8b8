#!/usr/bin/env bash
# kill -9 at any moment of an import or of a stream of writes loses nothing
# that was acknowledged.  ROUNDS (10), SEED (printed).  Ends with the negative
# control: a client that takes a write for acknowledged when it is only sent
# must be caught.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-10}
RANDOM=${SEED:=$((RANDOM * 32768 + RANDOM))}
echo "# SEED=$SEED ROUNDS=$rounds"
start_nginx

# pause MILLISECONDS: some time up to that.
pause() { sleep "$(printf '0.%03d' $((RANDOM % $1)))"; }

verified() {
	if "$program" verify >"$run/verify.txt" 2>&1; then ok "$1: verified"; else
		no "$1: the store does not verify"
		cat "$run/verify.txt"
	fi
}

# ---- an import is all or nothing ----
# count WHAT: documents behind an address, or 0.
count() {
	local out
	out=$("$program" request GET "$1" 2>/dev/null) || true
	printf '%s\n' "$out" | tail -n 1 | python3 -c '
import json, sys
try:
    print(len(json.load(sys.stdin).get("items", [])))
except ValueError:
    print(0)
'
}
all=0 none=0
for ((i = 1; i <= rounds; i++)); do
	rm -rf "$MINSHENG_DATA"
	"$program" import scripts/sample/second-city >/dev/null
	"$program" import scripts/sample/140800-2019 >"$run/import.json" 2>"$run/import.err" &
	import_pid=$!
	pause 900
	kill -KILL "$import_pid" 2>/dev/null || true
	{ wait "$import_pid"; } 2>/dev/null || true
	verified "import, round $i"
	tasks=$(count '/api/v1/plans/140800-2019/tasks')
	units=$(count '/api/v1/orgs?parent=140800&limit=200')
	case $tasks/$units in
	10/37) all=$((all + 1)) ;;
	0/0) none=$((none + 1)) ;;
	*) no "import, round $i: half of it is there: $tasks tasks, $units units" ;;
	esac
	# What was printed was acknowledged.
	if [ -s "$run/import.json" ] && [ "$tasks" != 10 ]; then
		no "import, round $i: acknowledged, and not there"
	fi
	is "import, round $i: the other city is whole" 6 \
		"$(count '/api/v1/plans/999900-2024/tasks')"
done
ok "imports: $all were there, $none were not"

# ---- writes ----
# In a round, several clients write while the program is killed.
# write_round MODE ROUND: MODE answered | sent says what a client takes for
# acknowledged.  What is lost is counted in $lost.
lost=0 acknowledged=0
write_round() {
	rm -f "$run"/acks.*
	start_program --workers 2
	python3 tests/e2e/writers.py "$http" "$1" "$2" "$run/acks" &
	local writers=$!
	wait_until 10 test -s "$run/acks.0"
	pause 700
	stop_program KILL
	{ wait "$writers"; } || true
	verified "$1, round $2"
	start_program --workers 2
	read -r n missing < <(python3 tests/e2e/writers.py "$http" check "$2" "$run/acks")
	acknowledged=$((acknowledged + n)) lost=$((lost + missing))
	stop_program TERM
	is "$1, round $2: ends well" 0 "$status"
}
rm -rf "$MINSHENG_DATA"
seed_people
export BEARER=${bearer#Authorization: }
for ((i = 1; i <= rounds; i++)); do
	write_round answered "$i"
done
is "of $acknowledged acknowledged writes, lost" 0 "$lost"
[ "$acknowledged" -gt 0 ] || no "no write was acknowledged"

# ---- the negative control ----
lost=0 acknowledged=0
for ((i = 1; i <= 20 && lost == 0; i++)); do
	write_round sent "$((rounds + i))"
done
if [ "$lost" -gt 0 ]; then
	ok "control: taken for acknowledged when sent, $lost of $acknowledged are missed"
else
	no "control: this test would not notice a lost write"
fi
finished
