#!/usr/bin/env bash
# The commands of `minsheng help`, as people type them.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# runs NAME WANTED-STATUS ARGUMENTS...: output in $run/out and $run/err.
runs() {
	local name=$1 wanted=$2 got=0
	shift 2
	"$program" "$@" >"$run/out" 2>"$run/err" || got=$?
	if [ "$got" = "$wanted" ]; then ok "$name"; else
		no "$name: exit status $got, not $wanted"
		head -c 1500 "$run/out" "$run/err"
	fi
}
# aligned NAME: every row of the table in $run/out begins its second column at
# the same place (Chinese is two wide).
aligned() {
	if python3 - "$run/out" <<'PY'; then ok "$1: aligned"; else no "$1: not aligned"; fi
import sys, unicodedata
def width(s):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
at = next(i for i, l in enumerate(lines) if l.startswith("--"))
starts, n = [], 0
for cell in lines[at].split("  "):
    starts.append(n)
    n += len(cell) + 2
for line in lines[at + 1:]:
    if not line.strip() or line.startswith("共"):
        break
    for start in starts[1:]:
        cut = next((i for i in range(len(line) + 1) if width(line[:i]) >= start), None)
        if cut is None or width(line[:cut]) != start or line[cut - 2:cut] != "  ":
            sys.exit(f"{start}: {line}")
PY
}

runs "help" 0 help
cp "$run/out" "$run/help"
runs "no command is help" 0
if cmp -s "$run/out" "$run/help"; then ok "the same help"; else no "the same help"; fi
runs "a command nobody knows" 2 dance
has "says so" 'dance' "$run/err"
sed -n 's/^  minsheng \([a-z]*\) .*/\1/p' "$run/help" >"$run/commands"
while read -r command; do
	[ "$command" = help ] ||
		runs "$command refuses an option nobody knows" 2 "$command" --no-such-option=1
done <"$run/commands"

runs "version" 0 version
has "of the program" 'minsheng ' "$run/out"
runs "routes" 0 routes
aligned "routes"
has "permissions" 'plan.issue' "$run/out"
runs "routes as OpenAPI" 0 routes --openapi
is "is JSON" 3.1.0 "$(json "$run/out" 'd["openapi"]')"

# ---- settings ----
printf 'write_queue = 99\n' >"$run/minsheng.conf"
MINSHENG_LOG_LEVEL=error runs "config" 0 config --config "$run/minsheng.conf" --max_query=2k
aligned "config"
# origin SETTING: the words of its row
origin() { grep "^$1 " "$run/out" | tr -s ' '; }
origin write_queue >"$run/row"
has "a setting of the file" "$run/minsheng.conf:1" "$run/row"
origin log_level >"$run/row"
has "a setting of the environment" 'error MINSHENG_LOG_LEVEL' "$run/row"
origin max_query >"$run/row"
has "a setting of the command line" '2k --max' "$run/row"
printf '# x\ncolour = red\n' >"$run/bad.conf"
runs "an unknown setting in a file" 1 config --config "$run/bad.conf"
has "with its line" "$run/bad.conf:2" "$run/err"
has "and its name" 'colour' "$run/err"
MINSHENG_COLOUR=red runs "an unknown setting in the environment" 1 config
has "with its name" 'MINSHENG_COLOUR' "$run/err"
runs "a bad value" 1 config --workers=many
has "with its name" 'workers' "$run/err"

# ---- data ----
runs "import" 0 import scripts/sample/140800-2019
is "summary" 10 "$(json "$run/out" 'd["tasks"]["added"]')"
runs "import again" 0 import scripts/sample/140800-2019
is "all the same" 10 "$(json "$run/out" 'd["tasks"]["same"]')"
runs "import of what is not there" 1 import "$run/nothing.json"
runs "a table without its plan" 1 import scripts/sample/140800-2019/plan.csv
has "asks for it" '--plan' "$run/err"
runs "a table" 0 import scripts/sample/140800-2019/plan.csv --plan 140800-2019
runs "the documents again" 0 import scripts/sample/140800-2019
sed 's/平陆县:11900名/平陆县:20万人/' scripts/sample/140800-2019/plan.csv >"$run/bad.csv"
runs "a bad table" 1 import "$run/bad.csv" --plan 140800-2019
has "says where" '/rows/18/工作任务' "$run/err"
runs "doctor" 0 doctor 140800-2019
aligned "doctor"
has "17 findings" '共17个问题' "$run/out"
runs "doctor as JSON" 0 doctor 140800-2019 --json
is "17 findings" 17 "$(json "$run/out" 'len(d["items"])')"
runs "doctor of no plan" 1 doctor none
for family in headline completion funding milestones; do
	runs "stats $family" 0 stats "$family" 140800-2019 --as-of 2019-04-04
	aligned "stats $family"
	runs "stats $family as JSON" 0 stats "$family" 140800-2019 --json
	is "family" "$family" "$(json "$run/out" 'd["family"]')"
done
for by in 'completion org' 'completion lead' 'funding task' 'funding lead' 'funding org' 'milestones org'; do
	runs "stats $by" 0 stats "${by% *}" 140800-2019 --by "${by#* }"
	aligned "stats $by"
done
runs "stats of what there is not" 1 stats weather 140800-2019
runs "schema check" 0 schema check scripts/sample/140800-2019/plan.json
runs "schema check of the wrong kind" 1 schema check scripts/sample/140800-2019/plan.json --schema task.json
runs "request" 0 request GET /api/v1/plans
has "answers as on the wire" 'Status: 200 OK' "$run/out"
runs "request that is refused" 3 request GET /api/v1/plans/none
runs "verify" 0 verify
has "no difference" '不一致0处' "$run/out"

# ---- beside the server ----
start_program --workers 2
runs "a second server on the same data" 1 serve --listen "$run/other.sock"
has "names the first" "$program_pid" "$run/err"
runs "no import beside the server" 1 import scripts/sample/second-city
has "names it too" "$program_pid" "$run/err"
runs "doctor beside the server" 0 doctor 140800-2019
runs "verify beside the server" 0 verify
runs "backup beside the server" 0 backup "$run/copy.db"
runs "no restore beside the server" 1 restore "$run/copy.db" --force
stop_program TERM
is "the server ends well" 0 "$status"

runs "issue needs a name" 2 issue 140800-2019
runs "issue with open findings" 1 issue 140800-2019 --by 督查室
has "names them" '/findings/01.QUOTA_MISSING.i1' "$run/err"
runs "issue" 0 issue 140800-2019 --by 督查室 --leave-open
runs "not twice" 1 issue 140800-2019 --by 督查室 --leave-open
runs "no restore over data" 1 restore "$run/copy.db"
cp "$run/copy.db" "$run/tampered.db"
size=$(stat -c %s "$run/tampered.db")
printf 'minsheng' | dd of="$run/tampered.db" bs=1 seek=$((size / 2)) conv=notrunc status=none
head -c $((size - 1000)) "$run/copy.db" >"$run/short.db"
head -c 4096 /dev/urandom >"$run/noise.db"
for copy in short noise; do
	runs "a $copy backup is refused" 1 restore "$run/$copy.db" --force
	runs "and what was there is there" 0 request GET /api/v1/plans/140800-2019
	has "still issued" '"status":"issued"' "$run/out"
done
runs "restore" 0 restore "$run/copy.db" --force
runs "what was saved is back" 0 request GET /api/v1/plans/140800-2019
has "a draft" '"status":"draft"' "$run/out"
runs "verified" 0 verify
# A figure, wherever it stands in a document, must not pass for sound.
python3 - "$run/copy.db" "$run/tampered.db" <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
changed = data.replace(b'"qty":11900', b'"qty":99999')
assert changed != data
open(sys.argv[2], "wb").write(changed)
PY
runs "a tampered backup is refused" 1 restore "$run/tampered.db" --force
runs "and nothing has changed" 0 verify
finished
