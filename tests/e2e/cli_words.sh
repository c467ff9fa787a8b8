#!/usr/bin/env bash
# What the commands say when something is wrong with what was typed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# refuses NAME WORD ARGUMENTS...: exit status 1, and WORD in the reason.
refuses() {
	local name=$1 word=$2 got=0
	shift 2
	"$program" "$@" >"$run/out" 2>"$run/err" || got=$?
	is "$name: exit status" 1 "$got"
	has "$name: the reason" "$word" "$run/err"
}

"$program" import scripts/sample/140800-2019 >"$run/out" || exit 1
mkdir "$run/nothing"
refuses "an empty folder" plan.json import "$run/nothing"
refuses "an unknown statistic" '没有“weather”这种统计' stats weather 140800-2019
refuses "a grouping where there is none" '去掉by' \
	stats headline 140800-2019 --by task
refuses "a plan that is an address" 不是计划编号 \
	doctor '140800-2019/tasks?limit=1'
refuses "a plan with a parameter" 不是计划编号 \
	stats headline '140800-2019&asOf=2019-04-04'
refuses "a plan that is too long" 不是计划编号 \
	issue --by 某人 "$(printf 'a%.0s' {1..300})"
for command in "stats headline 140800-2019" "doctor 140800-2019 --json" help; do
	got=0
	# shellcheck disable=SC2086 # words
	"$program" $command >/dev/full 2>"$run/err" || got=$?
	is "$command to a full disk: exit status" 1 "$got"
	has "$command to a full disk: the reason" 输出没有写完整 "$run/err"
done
finished
