#!/usr/bin/env bash
# A store is moved with export and import: every answer of the copy is byte
# for byte that of the original.  SQLite to SQLite always; to MongoDB and back
# where there is a server (MINSHENG_TEST_MONGODB_URI, or tests/mongo/server).
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8
program=${MINSHENG:-build/minsheng}
sample=scripts/sample/140800-2019
plan=140800-2019

run=$(mktemp -d)
started=
# shellcheck disable=SC2317 # called by the trap
finish() {
	[ -z "$started" ] || tests/mongo/server stop --port "$started" >/dev/null 2>&1 || true
	rm -rf "$run"
}
trap finish EXIT

bad=0
ok() { echo "ok - $1"; }
no() {
	echo "not ok - $1"
	bad=1
}
# same NAME FILE FILE
same() {
	if [ -s "$2" ] && cmp -s "$2" "$3"; then ok "$1"; else
		no "$1"
		diff "$2" "$3" | cut -c 1-300 | head -n 10 || true
	fi
}
# refused NAME WORDS COMMAND...: fails and says the words.
refused() {
	local name=$1 words=$2
	shift 2
	if "$@" >"$run/out" 2>&1; then no "$name: accepted"; elif grep -q -- "$words" "$run/out"; then ok "$name"; else
		no "$name: no $words"
		head -n 5 "$run/out"
	fi
}

# Where each store is: name -> settings.
declare -A at=([a]="--data=$run/a" [b]="--data=$run/b" [c]="--data=$run/c")
# on STORE COMMAND...
on() {
	local store=$1
	shift
	# shellcheck disable=SC2086 # settings are words
	"$program" ${at[$store]} "$@"
}
# holds NAME STORE: exactly what store a had when it was exported.
holds() {
	on "$2" export >"$run/$2.ndjson"
	same "$1" "$run/a.ndjson" "$run/$2.ndjson"
}
now() { date -u +%Y-%m-%dT%H:%M:%S.000Z; }

# ---- a plan with a life: issued, reported, corrected, amended ----

# Per task and unit: two cumulative reports and a late correction of the first.
reports() {
	jq '[.[] | . as $t | ((.indicators // [])[0] // empty) as $i
	  | ((($i.quotas // []) | map(.orgId)) as $o | if $o == [] then [$t.lead.orgId] else $o end) as $orgs
	  | range($orgs | length) as $k
	  | (["2019-05-31", "2019-06-03T02:00:00.000Z", 300, 1],
	     ["2019-07-31", "2019-08-05T02:00:00.000Z", 900, 1],
	     ["2019-05-31", "2019-09-10T02:00:00.000Z", 450, 2]) as [$asof, $at, $n, $rev]
	  | {_id: "\(10000000 + $t.no * 1000 + $k)-0000-4000-8000-00000000\($asof[5:7])0\($rev)",
	     planId: $t.planId, taskId: $t._id, indicatorId: $i.id, orgId: $orgs[$k], asOf: $asof,
	     value: {kind: "number", n: ($n + $k * 7)}, state: "accepted", acceptedAt: $at, revision: $rev}]
	' "$sample/tasks.json"
}
# Half of the units that an event milestone names have met it.
states() {
	jq --slurpfile tasks "$run/tasks.json" -n '[$tasks[0].items[] | . as $t | (.milestones // [])[] | select(.rule.type == "event") | . as $m
	  | (if (.orgs // []) == [] then [$t.lead.orgId] else .orgs end) as $orgs | range(0; $orgs | length; 2) as $k
	  | {_id: "\($t._id).\($m.id).\($orgs[$k])", planId: $t.planId, taskId: $t._id, milestoneId: $m.id,
	     orgId: $orgs[$k], state: "verified", metOn: "2019-06-20", verifiedAt: "2019-07-02T01:00:00.000Z"}]'
}
body() { sed '1,/^\r*$/d'; }
# change STORE METHOD TARGET BODY [--if-match REV]: a request that must succeed
change() {
	local store=$1 method=$2 target=$3
	printf '%s' "$4" >"$run/body.json"
	shift 4
	on "$store" request "$method" "$target" "$run/body.json" "$@" >"$run/log" || {
		cat "$run/log"
		exit 1
	}
}

on a import "$sample" >"$run/log"
change a PATCH "/api/v1/plans/$plan/findings/01.QUOTA_MISSING.i1" '{"status": "clarify", "by": "督查室", "text": "已函询市人社局"}' --if-match '*'
on a issue "$plan" --by 督查室 --leave-open >"$run/log"
issued=$(now)
sleep 1
on a request GET "/api/v1/plans/$plan/tasks?limit=200" | body >"$run/tasks.json"
jq -n --argjson r "$(reports)" --argjson m "$(states)" '{reports: $r, milestoneStates: $m}' >"$run/bundle.json"
on a import "$run/bundle.json" --plan "$plan" >"$run/log"
rev=$(jq '.items[] | select(.no == 5) | .rev' "$run/tasks.json")
change a POST "/api/v1/tasks/$plan-05:amend" '{"docNo": "运政办发〔2019〕30号", "by": "督查室", "reason": "两个县调减", "changes": {"title": "新建50个日间照料中心项目"}}' --if-match "$rev"
sleep 1
amended=$(now)

# answers STORE: all that can be asked.  Without knownAt an answer names the
# instant of the last change, which in a copy is that of the loading.
answers() {
	local by of known
	for of in 2019-06-30 2019-08-31 2019-12-31; do
		for known in 2019-06-30T00:00:00.000Z 2019-09-01T00:00:00.000Z "$issued" "$amended"; do
			for by in headline completion{,\&by=org,\&by=lead} funding{,\&by=task,\&by=lead,\&by=org} milestones{,\&by=org}; do
				echo "/api/v1/stats/${by%%&*}?plan=$plan&asOf=$of&knownAt=$known${by#"${by%%&*}"}"
			done
		done
	done >"$run/targets"
	printf '%s\n' "/api/v1/plans/$plan" "/api/v1/plans/$plan/findings" "/api/v1/plans/$plan/tasks?limit=200" \
		"/api/v1/tasks/$plan-05" "/api/v1/tasks/$plan-05/milestones?asOf=2019-08-31&knownAt=$issued" \
		"/api/v1/reports?plan=$plan&limit=200" "/api/v1/orgs?limit=200" "/api/v1/org-sets?limit=200" >>"$run/targets"
	while read -r target; do
		echo "== $target"
		on "$1" request GET "$target" | body
	done <"$run/targets"
	on "$1" stats completion "$plan" --as-of 2019-08-31 --json | jq -c 'del(.knownAt)'
}

answers a >"$run/answers.a"
if [ "$(grep -c '^== ' "$run/answers.a")" -gt 120 ] && ! grep -q '"traceId":' "$run/answers.a"; then
	ok "the original answers"
else no "the original answers"; fi
# The questions tell states apart, or the comparison would prove little.
if [ "$(grep -A1 '^== .*completion' "$run/answers.a" | grep -c '^{')" -eq 36 ] &&
	[ "$(grep -A1 '^== .*completion?[^b]*$' "$run/answers.a" | grep '^{' | jq -c 'del(.asOf, .knownAt)' | sort -u | wc -l)" -gt 7 ]; then
	ok "the answers differ"
else no "the answers differ"; fi

# ---- SQLite to SQLite ----

on a export >"$run/a.ndjson"
if on b migrate >"$run/log" && on b migrate >>"$run/log" && [ "$(grep -c '^数据就绪：sqlite' "$run/log")" -eq 2 ]; then
	ok "migrate, twice"
else no "migrate, twice"; fi
on a export | on b import >"$run/log"
ok "export | import"
holds "the copy's export" b
answers b >"$run/answers.b"
same "every answer" "$run/answers.a" "$run/answers.b"
if on b verify >"$run/log"; then ok "verify"; else no "verify"; fi

on b import "$run/a.ndjson" >"$run/log"
if grep -q '装入[1-9]' "$run/log"; then no "again: something was loaded"; else ok "again: nothing to do"; fi
holds "again: nothing changed" b

# What was cut off half-way goes on: a part, then the whole.
{
	head -n 21 "$run/a.ndjson"
	echo '{"end":true,"documents":20}'
} | on c import - >"$run/log"
on c import - <"$run/a.ndjson" >"$run/log"
grep -q '，已有20个' "$run/log" || no "the second time finds the first part"
holds "a part, then the whole" c

# Killed while it writes, again and again, and then let finish: 90 plans.
{
	head -n 1 "$run/a.ndjson"
	grep -E '^.{15}(orgs|orgSets)"' "$run/a.ndjson"
	for coll in tasks plans; do
		for year in $(seq 2010 2099); do
			grep "^.\{15\}$coll\"" "$run/a.ndjson" | sed "s/$plan/140800-$year/g; s/\"year\":2019/\"year\":$year/"
		done
	done
	echo "{\"end\":true,\"documents\":$((40 + 90 * 11))}"
} >"$run/many.ndjson"
# killed NAME STORE SECONDS...: kill an import after each of these, then finish.
killed() {
	local name=$1 store=$2 delay kills=0
	shift 2
	for delay in "$@"; do
		timeout -s KILL "$delay" "$program" import "$run/many.ndjson" "${at[$store]}" >"$run/log" 2>&1 || kills=$((kills + 1))
	done 2>/dev/null
	on "$store" import "$run/many.ndjson" >"$run/log"
	on "$store" export >"$run/$store.ndjson"
	same "$name killed $kills times ($(sed -n 's/^tasks.*，//p' "$run/log")), then whole" "$run/many.ndjson" "$run/$store.ndjson"
	if on "$store" verify >"$run/log"; then ok "$name killed: verify"; else no "$name killed: verify"; fi
}
at[k]=--data=$run/k
killed SQLite k 0.1 0.3 0.5 0.7 0.9

# One plan of two.
cat >"$run/other.json" <<'END'
{"plan": {"_id": "140900-2019", "division": "140900", "year": 2019, "title": "2019年民生实事"}, "tasks": [],
 "orgs": [{"_id": "140900", "division": "140900", "name": "忻州市", "kind": "city", "sortKey": 1}]}
END
on b import "$run/other.json" >"$run/log"
at[d]=--data=$run/d
on b export --plan "$plan" | on d import - >"$run/log"
# The entries of the audit and the events are the whole store's.
mine() { grep -vE '^.{15}(audit|outbox)"' "$1" | sed '$d'; }
on d export >"$run/d.ndjson"
mine "$run/a.ndjson" >"$run/a.mine"
mine "$run/d.ndjson" >"$run/d.mine"
same "one plan and its units" "$run/a.mine" "$run/d.mine"
refused "no such plan" "没有这个计划" on b export --plan 140900-2018

# A copy is a store like any other.
rev=$(on b request GET "/api/v1/tasks/$plan-05" | body | jq .rev)
change b POST "/api/v1/tasks/$plan-05:amend" '{"docNo": "运政办发〔2019〕40号", "by": "督查室", "reason": "更名", "changes": {"title": "新建日间照料中心项目"}}' --if-match "$rev"
ok "the copy goes on living"

# ---- what is refused, and changes nothing ----

on b export >"$run/before"
refused "other content" "tasks里已有内容不同的.$plan-05" on b import "$run/a.ndjson"
refused "cut short" "没有结束行" on b import - < <(head -n 30 "$run/a.ndjson")
refused "a document missing" "应有.*数据不完整" on b import - < <(sed 3d "$run/a.ndjson")
refused "a document twice" "第4行 /_id  编号重复" on b import - < <(sed 3p "$run/a.ndjson")
refused "another order" "第3行 /_id" on b import - < <(sed '2{h;d};3{G}' "$run/a.ndjson")
refused "against the schema" "第2行 /kind" on b import - < <(sed '2s/"kind":"[a-z]*"/"kind":"x"/' "$run/a.ndjson")
refused "without a revision" "第2行  缺少rev" on b import - < <(sed '2s/"rev":[0-9]*,//' "$run/a.ndjson")
refused "an unknown collection" "第2行" on b import - < <(sed '2s/"orgs"/"nowhere"/' "$run/a.ndjson")
refused "a broken line" "第2行" on b import - < <(sed '2s/.$//' "$run/a.ndjson")
refused "another version" "第99版" on b import - < <(sed '1s/"version":1/"version":99/' "$run/a.ndjson")
refused "something else" "不是minsheng export的输出" on b import - <README.md
refused "nothing" "不是minsheng export的输出" on b import - </dev/null
on b export >"$run/after"
same "refused: nothing changed" "$run/before" "$run/after"

# ---- SQLite to MongoDB and back ----

# The address of a server, or nothing.
mongodb() {
	if [ -n "${MINSHENG_TEST_MONGODB_URI:-}" ]; then
		echo "$MINSHENG_TEST_MONGODB_URI"
	elif [ "$(id -u)" -eq 0 ] && [ -x tests/mongo/server ]; then
		tests/mongo/server start --port 27981 2>"$run/server.log"
	fi
}
if uri=$(mongodb) && [ -n "$uri" ]; then
	[ -n "${MINSHENG_TEST_MONGODB_URI:-}" ] || started=27981
	uri=${uri%%\?*} # a database of our own
	at[m]=--store=${uri%/*}/moving_$$_$(date +%s)
	case $uri in
	mongodb://*/*) ;;
	*) at[m]=--store=$uri/moving_$$_$(date +%s) ;;
	esac
	refused "MongoDB: nothing there to read" "升级数据" on m export
	on m migrate >"$run/log"
	on m migrate >>"$run/log"
	[ "$(grep -c '^数据就绪：mongodb' "$run/log")" -eq 2 ] || no "MongoDB: migrate, twice"
	on a export | on m import >"$run/log"
	ok "MongoDB: export | import"
	holds "MongoDB: the copy's export" m
	answers m >"$run/answers.m"
	same "MongoDB: every answer" "$run/answers.a" "$run/answers.m"
	on m import "$run/a.ndjson" >"$run/log"
	if grep -q '装入[1-9]' "$run/log"; then no "MongoDB: again"; else ok "MongoDB: again"; fi
	at[e]=--data=$run/e
	on m export | on e import >"$run/log"
	holds "MongoDB: and back" e
	at[l]=${at[m]}_killed
	killed MongoDB l 2 4 6
elif [ "${CI:-}" = true ]; then
	no "MongoDB: no server"
else
	echo "skip - MongoDB: no server here"
fi

exit $bad
