#!/usr/bin/env bash
# Photographs through nginx: sent whole or refused, shown by the program and by
# nginx with the same headers; a decoding process, an upload and the program
# itself are killed in the middle.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

seed_people
photo=tests/fuzz/corpus/image/jpeg
api=/api/v1/blobs
sha() { sha256sum "$1" | cut -d' ' -f1; }
# put FILE CURL-OPTIONS...: the status.
put() {
	local file=$1
	shift
	ask -X PUT -H 'Content-Type: image/jpeg' -H 'Expect:' --data-binary "@$file" \
		"$@" "$api/$(sha "$file")"
}
# grown BYTES TEXT FILE: the photograph with something behind its end.
grown() {
	{
		cat "$photo"
		printf '%s' "$2"
		head -c $(($1 - $(stat -c %s "$photo") - ${#2})) /dev/zero
	} >"$3"
}
header() { grep -i "^$1: " "$run/head" | tr -d '\r' | cut -d' ' -f2-; }

start_nginx
start_program --accel=/minsheng-blobs/

is "uploaded" 201 "$(put "$photo")"
is "and again" 200 "$(put "$photo")"
grown $((3 << 20)) large "$run/large.jpg"
is "3 MiB" 201 "$(put "$run/large.jpg")"
grown $((8 << 20)) full "$run/full.jpg"
is "8 MiB" 201 "$(put "$run/full.jpg")"
grown $(((8 << 20) + 1)) over "$run/over.jpg"
is "a byte more" 413 "$(put "$run/over.jpg")"
is "in the words of a problem" too-big "$(json "$run/body" 'd["code"]')"
is "3 MiB of anything else" 413 "$(ask -X POST -H 'Content-Type: application/json' \
	--data-binary "@$run/large.jpg" /api/v1/plans)"

# ---- shown by nginx, then by the program: no difference ----
shown() {
	is "$1: shown" 200 "$(ask "$api/$(sha "$photo")")"
	if cmp -s "$run/body" "$photo"; then ok "$1: the bytes"; else no "$1: the bytes"; fi
	is "$1: type" image/jpeg "$(header content-type)"
	is "$1: nosniff, once" nosniff "$(header x-content-type-options)"
	is "$1: sandbox, once" "default-src 'none'; sandbox; frame-ancestors 'none'" \
		"$(header content-security-policy)"
	is "$1: for ever" 'private, max-age=31536000, immutable' "$(header cache-control)"
	is "$1: tag" "\"$(sha "$photo")\"" "$(header etag)"
	is "$1: 304" 304 "$(ask -H "If-None-Match: \"$(sha "$photo")\"" "$api/$(sha "$photo")")"
	is "$1: HEAD" 200 "$(ask -I "$api/$(sha "$photo")")"
	is "$1: thumbnail" 200 "$(ask "$api/$(sha "$photo")?size=thumb")"
	is "$1: what was behind the end is not shown" 200 "$(ask "$api/$(sha "$run/large.jpg")")"
	is "$1: but the picture" "$(stat -c %s "$photo")" "$(stat -c %s "$run/body")"
	is "$1: nobody" 401 "$(curl -sS --unix-socket "$http" -o "$run/body" \
		-w '%{http_code}' "http://minsheng$api/$(sha "$photo")")"
}
shown nginx
is "the folder is nobody's" 404 "$(ask "/minsheng-blobs/$(sha "$photo" | cut -c1-2)/$(sha "$photo")")"

# ---- the decoding process is killed ----
helpers() { pgrep -P "$program_pid"; }
is "there are decoding processes" 0 "$(helpers >/dev/null && echo 0)"
helpers | xargs -r kill -KILL
grown 5000 helper "$run/helper.jpg"
is "a new one decodes" 201 "$(put "$run/helper.jpg")"

# ---- an upload breaks off, and is sent again ----
grown $((2 << 20)) broken "$run/broken.jpg"
timeout 1 curl -sS --unix-socket "$http" --limit-rate 300k -X PUT -H 'Content-Type: image/jpeg' \
	-H "$bearer" -H 'Expect:' --data-binary "@$run/broken.jpg" -o /dev/null \
	"http://minsheng$api/$(sha "$run/broken.jpg")" && no "it broke off"
is "nothing of it is there" 404 "$(ask "$api/$(sha "$run/broken.jpg")")"
is "sent again" 201 "$(put "$run/broken.jpg")"

# ---- kill -9 while photographs come ----
for round in 1 2 3; do
	for i in $(seq 40); do
		grown $((100000 + i)) "kill $round $i" "$run/kill-$round-$i.jpg"
	done
	(
		for i in $(seq 40); do
			file=$run/kill-$round-$i.jpg
			code=$(curl -sS --unix-socket "$http" -X PUT -H 'Content-Type: image/jpeg' \
				-H "$bearer" --data-binary "@$file" -o /dev/null \
				-w '%{http_code}' "http://minsheng$api/$(sha "$file")" || true)
			[ "$code" != 201 ] || echo "$file" >>"$run/acked"
		done
	) &
	uploads=$!
	sleep "$round"
	stop_program KILL
	wait "$uploads" || true
	start_program
done
lost=0 acked=0
touch "$run/acked"
while read -r file; do
	acked=$((acked + 1))
	[ "$(ask "$api/$(sha "$file")")" = 200 ] || lost=$((lost + 1))
done <"$run/acked"
is "of $acked acknowledged ones nothing is lost" 0 "$lost"
[ "$acked" -gt 0 ] || no "some were acknowledged"
for i in $(seq 40); do put "$run/kill-1-$i.jpg" >>"$run/codes" && echo >>"$run/codes"; done
is "all can be sent again" 40 "$(grep -cE '^20[01]$' "$run/codes")"
shown program
stop_program
is "a clean end" 0 "$status"
if "$program" verify >"$run/verify"; then ok "every photograph has its hash"; else
	no "verify: $(cat "$run/verify")"
fi
orphans=0
for pid in $(pgrep -f '^minsheng decode-helper' || true); do
	# Other people's run on this machine, too: ours has lost its parent.
	if [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$program")" ] &&
		[ "$(ps -o ppid= -p "$pid" | tr -d ' ')" = 1 ]; then
		orphans=$((orphans + 1))
	fi
done
is "no process is left behind" 0 "$orphans"
finished
