#!/usr/bin/env bash
# The examples of docs/api.md are true: each `GET ...` line's answer holds
# everything that its block shows.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8
program=${MINSHENG:-build/minsheng}

run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
"$program" import scripts/sample/140800-2019 --data="$run/data" >"$run/log"

# holds WANTED GOT: members and values; an array some of whose items may be
# missing, but none that is not there.
holds() {
	jq -en --slurpfile want "$1" --slurpfile got "$2" '
		def holds($w): . as $g
			| if ($w | type) != ($g | type) then false
			  elif ($w | type) == "object" then
				all($w | keys[]; . as $k | ($g | has($k)) and ($g[$k] | holds($w[$k])))
			  elif ($w | type) == "array" then
				all($w[]; . as $x | any($g[]; holds($x)))
			  else $w == $g end;
		$got[0] | holds($want[0])' >/dev/null
}

bad=0 n=0
awk -v dir="$run" '
	/^`GET .*`$/ { gsub(/^`GET |`$/, ""); target = $0; next }
	/^```json$/ && target != "" { n++; print target > (dir "/" n ".target"); out = dir "/" n ".want"; next }
	/^```$/ { out = ""; target = "" }
	out != "" { print > out }
' docs/api.md
for file in "$run"/*.target; do
	target=$(cat "$file")
	n=$((n + 1))
	"$program" request GET "$target" --data="$run/data" | sed '1,/^\r*$/d' >"$run/got"
	if holds "${file%.target}.want" "$run/got"; then echo "ok - $target"; else
		echo "not ok - $target"
		cat "$run/got"
		bad=1
	fi
done
if [ "$n" -ge 4 ]; then echo "ok - $n examples"; else
	echo "not ok - only $n examples"
	bad=1
fi
# A false example is found.
sed 's/: [0-9]/: 9/' "$run/1.want" >"$run/false"
"$program" request GET "$(cat "$run/1.target")" --data="$run/data" | sed '1,/^\r*$/d' >"$run/got"
if holds "$run/false" "$run/got"; then
	echo "not ok - a false example passes"
	bad=1
else echo "ok - a false example is found"; fi
exit $bad
